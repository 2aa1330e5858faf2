import { bench, do_not_optimize as keep, run, summary } from 'mitata';
import { loadParser } from '../../../tools/fuzz/parser-bundle.mjs';
import { MESSAGES } from './messages.mjs';
import { idleSessionBytes } from './memory.mjs';

/** Nanoseconds per message, beside JSON.parse of the same bytes; then the bytes of an idle session. */
const { StratumInspector } = await loadParser();
const buffers = new Map();

for (const { name, openings, exchanges } of MESSAGES) {
  const inspectors = openings.map((opening) => {
    const inspector = new StratumInspector({}, { push: keep });
    for (const [direction, line] of opening) inspector.chunk(direction, Buffer.from(`${line}\n`));
    return inspector;
  });
  const prepared = exchanges.map(({ miner, messages }) => ({
    inspector: inspectors[miner],
    chunks: messages.map(([direction, line]) => ({ direction, bytes: bytesOf(line) })),
  }));
  let parsed = 0;
  let inspected = 0;
  summary(() => {
    bench(`${name}: JSON.parse`, () => {
      const { chunks } = prepared[parsed++ % prepared.length];
      for (const { bytes } of chunks) keep(JSON.parse(bytes.toString('utf8')));
    }).baseline(true);
    bench(`${name}: inspector`, () => {
      const { inspector, chunks } = prepared[inspected++ % prepared.length];
      for (const { direction, bytes } of chunks) inspector.chunk(direction, bytes);
    });
  });
}

const { benchmarks } = await run({ format: process.argv.includes('--json') ? 'quiet' : 'mitata' });
const nanoseconds = new Map(benchmarks.map(({ alias, runs }) => [alias, runs[0].stats.p50]));
for (const { name, goal } of MESSAGES) {
  const own = nanoseconds.get(`${name}: inspector`);
  const parse = nanoseconds.get(`${name}: JSON.parse`);
  const figures = {
    message: name,
    inspectorNs: round(own),
    parseNs: round(parse),
    ratio: round(own / parse),
    goal,
  };
  console.log(JSON.stringify(figures));
}
console.log(JSON.stringify(idleSessionBytes(StratumInspector)));

/** Equal lines share their bytes, as one read buffer would be warm for each. */
function bytesOf(line) {
  const known = buffers.get(line) ?? Buffer.from(`${line}\n`);
  buffers.set(line, known);
  return known;
}

function round(number) {
  return Number(number.toPrecision(3));
}
