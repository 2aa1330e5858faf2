import { parseArgs } from 'node:util';
import { checkInput } from './check-input.mjs';
import { mutated } from './mutations.mjs';
import { loadParser } from './parser-bundle.mjs';
import { Random, seedOf } from './random.mjs';

const USAGE = `Feeds changed recordings of real miners and pools to the parser and checks its promises.

  pnpm fuzz [--inputs 1000000] [--seconds N] [--seed N]
  pnpm fuzz --seed N --only I     one input of a run again, with what it is made of`;

/** A recording's messages beyond these are left out: what comes first decides most. */
const MAX_MESSAGES = 24;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
});

if (values.help) console.log(USAGE);
else process.exitCode = await run(Number(values.seed), Number(values.inputs), Number(values.seconds));

async function run(seed, inputs, seconds) {
  const parser = await loadParser();
  const scripts = recordings(parser);
  if (values.only !== undefined) return once(parser, scripts, seed, Number(values.only));
  console.log(`seed ${seed}: up to ${inputs} inputs from ${scripts.length} recordings`);
  const startedAt = performance.now();
  let events = 0;
  let done = 0;
  for (; done < inputs; done += 1) {
    const elapsed = (performance.now() - startedAt) / 1000;
    if (elapsed >= seconds) break;
    if (done > 0 && done % 100_000 === 0)
      console.log(`${done} inputs, ${events} events, ${elapsed.toFixed(1)} s`);
    const random = new Random(seedOf(seed, done));
    const script = mutated(random.pick(scripts), scripts, random);
    try {
      events += checkInput(parser, script, random);
    } catch (fault) {
      console.error(`input ${done}: ${fault.message}\nagain with: pnpm fuzz --seed ${seed} --only ${done}`);
      return 1;
    }
  }
  const elapsed = (performance.now() - startedAt) / 1000;
  console.log(`${done} inputs, ${events} events, ${elapsed.toFixed(1)} s, seed ${seed}: no fault`);
  return 0;
}

function once(parser, scripts, seed, index) {
  const random = new Random(seedOf(seed, index));
  const script = mutated(random.pick(scripts), scripts, random);
  for (const { direction, bytes } of script) console.log(direction, JSON.stringify(bytes.toString('latin1')));
  try {
    console.log(`${checkInput(parser, script, random)} events, no fault`);
    return 0;
  } catch (fault) {
    console.error(fault.stack);
    return 1;
  }
}

function recordings({ loadVectors, loadMoreVectors, loadSessions, loadMoreSessions }) {
  const vectors = [...loadVectors(), ...loadMoreVectors()].map(({ setup, direction, bytes }) => [
    ...setup,
    { direction, bytes },
  ]);
  const sessions = [...loadSessions(), ...loadMoreSessions()].map(({ steps }) =>
    steps.slice(0, MAX_MESSAGES),
  );
  return [...vectors, ...sessions].map((script) =>
    script.map(({ direction, bytes }) => ({ direction, bytes })),
  );
}
