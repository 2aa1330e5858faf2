import { parseArgs } from 'node:util';
import { checkoutsWith } from './modules.mjs';
import { sessionsOf } from './sessions.mjs';

/**
 * `pnpm bench:meter`: nanoseconds that a share (submit and accepted answer) takes from its chunks to the line of the journal, without
 * sockets and disk; of this checkout, and with `--before CHECKOUT` of another one. Sessions come in no order. Warm: one
 * share after the other. Cold: so many megabytes of other memory are read before each chunk, as the kernel's network does
 * between two chunks; that is what a share costs where it comes alone. One line of JSON each.
 */
const { values } = parseArgs({ options: { before: { type: 'string' } } });

/** All are measured in turn so many times, and the middle one counts. */
const ROUNDS = 9;
const CASES = [
  { sessions: 1_000, coldMegabytes: 0, shares: 20_000 },
  { sessions: 9_000, coldMegabytes: 0, shares: 20_000 },
  { sessions: 1_000, coldMegabytes: 1, shares: 3_000 },
  { sessions: 1_000, coldMegabytes: 4, shares: 3_000 },
];

const cases = [];
for (const one of CASES) {
  for (const checkout of checkoutsWith(values.before)) {
    cases.push({ ...one, name: checkout.name, rounds: [], ...(await sessionsOf(checkout, one.sessions)) });
  }
}
const all = cases.map(({ sessions, ...one }) => ({ ...one, members: sessions, count: sessions.length }));
for (const one of all) measured(one); // what V8 has to learn
for (let round = 0; round < ROUNDS; round += 1) for (const one of all) one.rounds.push(measured(one));
for (const { name, count, coldMegabytes, rounds, written, shares } of all) {
  if (written() !== shares * (ROUNDS + 1)) throw new Error(`${name} has written ${written()} shares`);
  const nanoseconds = Math.round(rounds.sort((a, b) => a - b)[(ROUNDS - 1) / 2]);
  console.log(JSON.stringify({ share: name, sessions: count, coldMegabytes, nanoseconds }));
}

/** Nanoseconds of one share. */
function measured({ members, shares, coldMegabytes }) {
  const other = new Float64Array((coldMegabytes * 1024 * 1024) / 8);
  let [took, nonce] = [0n, 0];
  const look = (tap, direction, chunk) => {
    for (let at = 0; at < other.length; at += 8) nonce += other[at]; // a cache line each; all are zero
    const from = process.hrtime.bigint();
    tap.chunk(direction, chunk);
    took += process.hrtime.bigint() - from;
  };
  for (let n = 0; n < shares; n += 1) {
    // 7,919 is a prime number: all of them in turn, and never two neighbours.
    const session = members[(n * 7_919) % members.length];
    const [submit, answer] = session.share((nonce += 1));
    look(session.tap, 'to_upstream', submit);
    look(session.tap, 'to_downstream', answer);
  }
  return Number(took) / shares;
}
