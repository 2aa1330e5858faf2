import { bench, do_not_optimize as keep, run, summary } from 'mitata';
import { loadParser } from '../../../tools/fuzz/parser-bundle.mjs';
import { MESSAGES } from './messages.mjs';
import { idleSessionBytes } from './memory.mjs';

/** Nanoseconds per message, beside JSON.parse of the same bytes; then the bytes of an idle session. */
const { StratumInspector } = await loadParser();

for (const { name, opening, exchange } of MESSAGES) {
  const inspector = new StratumInspector({}, { push: keep });
  for (const [direction, line] of opening) inspector.chunk(direction, Buffer.from(`${line}\n`));
  const chunks = exchange.map(([direction, line]) => [direction, Buffer.from(`${line}\n`)]);
  summary(() => {
    bench(`${name}: JSON.parse`, () => {
      for (const [, bytes] of chunks) keep(JSON.parse(bytes.toString('utf8')));
    }).baseline(true);
    bench(`${name}: inspector`, () => {
      for (const [direction, bytes] of chunks) inspector.chunk(direction, bytes);
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

function round(number) {
  return Number(number.toPrecision(3));
}
