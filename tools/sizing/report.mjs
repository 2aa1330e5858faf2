import { cpus, totalmem } from 'node:os';

const USAGE_INTERVAL_S = 30;
const MONTH_S = 30 * 86_400;
const HOURS = MONTH_S / 3600;
const MB = 1e6;

/** Prints what was measured, and what a month of one miner comes to by it. */
export function report(costs) {
  const { sessions, sharesPerMinute, cores, bytesPerSession, emptyBytes, journal, tables, database } = costs;
  const bytesOf = (kind) =>
    journal.kinds[kind] ? journal.kinds[kind].bytes / journal.kinds[kind].records : 0;
  const tableOf = (name) => tables.find(({ table }) => table === name);
  const rowOf = (name) => tableOf(name).bytes / tableOf(name).rows;
  const shownRow = (name) => {
    const { rows, looseBytes } = tableOf(name);
    const loose = looseBytes ? `, ${(looseBytes / rows).toFixed(0)} before VACUUM FULL` : '';
    return `${rowOf(name).toFixed(0)} bytes${loose} (${rows} rows)`;
  };
  const session = bytesOf('open') + bytesOf('client') + bytesOf('close');
  const shares = (sharesPerMinute / 60) * MONTH_S;
  const journalMonth = shares * bytesOf('share') + (MONTH_S / USAGE_INTERVAL_S) * bytesOf('usage');

  const lines = [
    [
      'machine',
      `${cpus()[0].model}, ${cpus().length} cores, ${gib(totalmem())} GiB, Node ${process.version}`,
    ],
    ['load', `${sessions} sessions, ${sharesPerMinute} shares a minute each, a job of 1.3 kB every 30 s`],
    ['ledger', database],
    [],
    ['memory without a session', `${(emptyBytes / MB).toFixed(0)} MB`],
    ['memory per session', `${(bytesPerSession / 1000).toFixed(1)} kB`],
    ['sessions per GB', (1e9 / bytesPerSession).toFixed(0)],
    ['CPU per 1,000 miners', `${((cores / sessions) * 1e5).toFixed(1)} % of a core`],
    [],
    ['journal, a share', `${bytesOf('share').toFixed(0)} bytes`],
    ['journal, a session every 30 s', `${bytesOf('usage').toFixed(0)} bytes`],
    ['journal, a session opened', `${session.toFixed(0)} bytes`],
    ['journal, compressed to', `${(journal.compressedPart * 100).toFixed(0)} %`],
    ['ledger, a row of usage', shownRow('usage')],
    ['ledger, a row of sessions', shownRow('sessions')],
    [
      'ledger, folded again',
      `${(costs.writtenS / costs.foldedInS).toFixed(1)} times as fast as it was written`,
    ],
    [],
    [
      'a worker and month, journal',
      `${mb(journalMonth)} MB, ${mb(journalMonth * journal.compressedPart)} MB compressed`,
    ],
    ['a worker and month, ledger', `${mb(HOURS * rowOf('usage'))} MB in ${HOURS} rows of usage`],
  ];
  for (const [what, figure] of lines) console.log(what ? `${what.padEnd(32)}${figure}` : '');
}

function mb(bytes) {
  return (bytes / MB).toFixed(2);
}

function gib(bytes) {
  return Math.round(bytes / 2 ** 30);
}
