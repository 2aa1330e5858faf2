import { do_not_optimize as keep, measure } from 'mitata';
import { loadParser } from '../../../tools/fuzz/parser-bundle.mjs';
import { MESSAGES } from './messages.mjs';
import { sessionBytes } from './memory.mjs';

/**
 * Nanoseconds per exchange, beside JSON.parse of the same bytes; then the bytes of a session. One line of
 * JSON each.
 */

/** Both are measured in turn so many times, and the middle one counts: the machine may do other things as well. */
const ROUNDS = 9;
/** One sample is a whole cycle of exchanges, so that reading the clock costs nothing. */
const EFFORT = { min_samples: 5, min_cpu_time: 60e6 };

const { StratumInspector } = await loadParser();

const cases = MESSAGES.map(({ name, goal, openings, exchanges }) => {
  const inspectors = openings.map((opening) => {
    const inspector = new StratumInspector({}, { push: keep });
    for (const [direction, line] of opening) inspector.chunk(direction, Buffer.from(`${line}\n`));
    return inspector;
  });
  const buffers = new Map();
  const chunks = exchanges.flatMap(({ miner, messages }) =>
    messages.map(([direction, line]) => {
      // Equal lines share their bytes: a read buffer is as warm for each miner.
      const bytes = buffers.get(line) ?? Buffer.from(`${line}\n`);
      buffers.set(line, bytes);
      return { inspector: inspectors[miner], direction, bytes };
    }),
  );
  const parse = () => {
    for (const { bytes } of chunks) keep(JSON.parse(bytes.toString('utf8')));
  };
  const inspect = () => {
    for (const { inspector, direction, bytes } of chunks) inspector.chunk(direction, bytes);
  };
  return { name, goal, parse, inspect, count: exchanges.length, rounds: [] };
});

for (let round = 0; round < ROUNDS; round += 1) {
  for (const { parse, inspect, count, rounds } of cases) {
    const parseNs = (await measure(parse, EFFORT)).p50 / count;
    const inspectorNs = (await measure(inspect, EFFORT)).p50 / count;
    rounds.push({ inspectorNs, parseNs, ratio: inspectorNs / parseNs });
  }
}
for (const { name, goal, rounds } of cases) {
  const { inspectorNs, parseNs, ratio } = rounds.sort((a, b) => a.ratio - b.ratio)[(ROUNDS - 1) / 2];
  const figures = { inspectorNs: round3(inspectorNs), parseNs: round3(parseNs), ratio: round3(ratio) };
  console.log(JSON.stringify({ message: name, ...figures, goal }));
}
for (const bytes of sessionBytes(StratumInspector)) console.log(JSON.stringify(bytes));

function round3(number) {
  return Number(number.toPrecision(3));
}
