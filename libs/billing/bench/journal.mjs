import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { do_not_optimize as keep } from 'mitata';
import { booksOf } from './books.mjs';
import { checkoutsWith } from './modules.mjs';

/**
 * `pnpm bench:journal`: what a share costs in the journal, in bytes and in nanoseconds of CPU, to write and to fold; of this
 * checkout, and with `--before CHECKOUT` of another one. One line of JSON each.
 */
const { values } = parseArgs({ options: { before: { type: 'string' } } });

/** All are measured in turn so many times, and the middle one counts. */
const ROUNDS = 9;
const SPAN_MS = 300;
const SESSIONS = 1_000;
const SHARES = 40 * SESSIONS;
/** Shares that are seen in one turn of the event loop. */
const TURN = 10;
const START = Date.UTC(2026, 0, 1);

/** Each session mines at a difficulty of its own; its own worker has all of its shares. */
const sessions = Array.from({ length: SESSIONS }, (_, n) => `proxy-7f9c6d-1a2b3c4d-${n + 1}`);
const workerOf = (n) => `client${n % 20}.rig${n}`;
const shareOf = (n) => ({
  kind: 'share',
  session: sessions[n],
  worker: workerOf(n),
  dialect: 'stratum1',
  outcome: 'accepted',
  difficulty: `${16_384 + n}00000000`,
  hashes: (BigInt(16_384 + n) * 2n ** 32n).toString(),
});
const turns = Array.from({ length: SHARES / TURN }, (_, turn) =>
  Array.from({ length: TURN }, (_, at) => shareOf((turn * TURN + at) % SESSIONS)),
);

const directory = mkdtempSync(join(tmpdir(), 'mining-proxy-journal-'));
try {
  const cases = [];
  for (const checkout of checkoutsWith(values.before)) cases.push(await caseOf(checkout));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { write, fold, rounds } of cases) {
      rounds.push({ writeNs: cpuNs(write) / SHARES, foldNs: cpuNs(fold) / SHARES });
    }
  }
  for (const { name, bytes, rounds } of cases) {
    const middle = (key) => rounds.map((round) => round[key]).sort((a, b) => a - b)[(ROUNDS - 1) / 2];
    const figures = { writeNs: Math.round(middle('writeNs')), foldNs: Math.round(middle('foldNs')) };
    console.log(JSON.stringify({ share: name, bytes: Number(bytes.toFixed(1)), ...figures }));
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** One checkout, with a journal that it has written: sessions that log in, then shares of all of them in turn. */
async function caseOf(checkout) {
  const { name } = checkout;
  const books = await booksOf(checkout);
  const journal = join(directory, name);
  const opened = sessions.flatMap((session, n) => [
    { kind: 'open', session, listener: 'main', pool: 'eu.pool.example:3333', source: '192.0.2.1', at: START },
    {
      kind: 'client',
      session,
      client_id: `client${n % 20}`,
      worker: workerOf(n),
      dialect: 'stratum1',
      at: START,
    },
  ]);
  const header = { kind: 'segment', format: 1, journal_id: 'j', segment: 1, run: 1, mark: 'm', at: START };
  const beginning = [header, ...opened].map(books.encoded).join('');
  const shares = turns.map((turn, at) => Buffer.from(books.encode(turn, START + at)));
  const bytes = Buffer.concat(shares);
  mkdirSync(journal);
  writeFileSync(join(journal, '0000000001.jsonl'), Buffer.concat([Buffer.from(beginning), bytes]));
  if (books.fold(journal) !== SHARES) throw new Error(`${name} has folded something else`);
  const write = () => {
    for (let at = 0; at < turns.length; at += 1) keep(books.encode(turns[at], START + at));
  };
  return { name, bytes: bytes.length / SHARES, write, fold: () => keep(books.fold(journal)), rounds: [] };
}

/** CPU of this process for one call: other programs may have the cores meanwhile. */
function cpuNs(call) {
  const [from, startedAt] = [process.cpuUsage(), performance.now()];
  let calls = 0;
  while (calls === 0 || performance.now() - startedAt < SPAN_MS) {
    call();
    calls += 1;
  }
  const { user, system } = process.cpuUsage(from);
  return ((user + system) * 1000) / calls;
}
