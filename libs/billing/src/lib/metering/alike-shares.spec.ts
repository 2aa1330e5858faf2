import * as fc from 'fast-check';
import { POOL, TestSession, client, stratum, testMeters } from '../../testing';
import { AuditTotals } from '../audit/audit-counts';
import { ClientDirectory } from '../identity/client-directory';
import type { Fact } from '../journal/records/record';
import type { Meters } from './meters';

const { authorize, granted, line, notify, refused, setDifficulty, submit, subscribe } = stratum;

const CLIENTS = [client('acme', { workers: ['acme.*'] }), client('solo', { workers: ['solo.*'] })];
/** The audit counts and never has the budget for a share. */
const AUDIT = { submitsPerSecond: 1e-9, algorithmOf: () => 'sha256d' as const, payoutAddresses: new Map() };

/** Meters of one session that has logged in, with what it has written down. */
function metered() {
  const facts: Fact[] = [];
  const meters = testMeters({
    clients: CLIENTS,
    audit: AUDIT,
    facts: { append: (fact) => facts.push({ ...fact }), flush: () => undefined },
  });
  const session = new TestSession(meters)
    .miner(subscribe(), authorize(2, 'acme.a'))
    .pool(line({ id: 1, result: [[], '08000002', 4], error: null }), granted(2))
    .pool(setDifficulty(8), notify('j1'));
  return { meters, session, facts };
}

/** All that anybody can see of the shares, without the times. */
function shown(meters: Meters, session: TestSession) {
  const rows = meters.workers.page({ sort: 'name', offset: 0, limit: 10 }).workers;
  const { verdicts } = AuditTotals.of(meters.audit.all);
  return {
    clients: meters.read().clients,
    session: session.counts,
    verdicts,
    ofSession: session.tap.audit?.verdicts,
    hashrate: session.tap.hashrate.perSecond(60_000),
    workers: rows.map(({ record }) => ({
      worker: record.worker,
      difficulty: record.difficulty,
      ...record.countsOfDay(Date.now()),
      work: record.rateOverDay(record.firstSeenAt + 60_000).perSecond,
    })),
  };
}

const steps = fc.array(
  fc.constantFrom('share', 'share', 'share', 'share', 'refused', 'harder', 'login', 'guest', 'configured'),
  { maxLength: 30 },
);

describe('shares that are alike', () => {
  it('are shown as if each had been booked by itself, whenever somebody looks', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const [seen, unseen] = [metered(), metered()];
        let worker = 'acme.a';
        taken.forEach((step, index) => {
          const id = index + 10;
          if (step === 'login') worker = worker === 'acme.a' ? 'acme.b' : 'acme.a';
          for (const { meters, session } of [seen, unseen]) {
            if (step === 'harder') session.pool(setDifficulty(8 + index), notify(`j${id}`));
            else if (step === 'login') session.miner(authorize(id, worker)).pool(granted(id));
            else if (step === 'configured') reload(meters);
            else {
              session.miner(submit(id, step === 'guest' ? 'solo.x' : worker, 'j1'));
              session.pool(step === 'refused' ? refused(id) : granted(id));
            }
          }
          shown(seen.meters, seen.session);
        });
        expect(shown(unseen.meters, unseen.session)).toEqual(shown(seen.meters, seen.session));
        expect(unseen.facts.map(timeless)).toEqual(seen.facts.map(timeless));
      }),
      { numRuns: 200 },
    );
  });

  it('are each written down in the turn of its answer', () => {
    const { session, facts } = metered();
    for (let id = 10; id < 14; id += 1) {
      session.miner(submit(id, 'acme.a', 'j1')).pool(granted(id));
      expect(facts.filter(({ kind }) => kind === 'share')).toHaveLength(id - 9);
    }
  });

  it('are on the books of workers and of the audit when their session has closed', () => {
    const { meters, session } = metered();
    for (let id = 10; id < 14; id += 1) session.miner(submit(id, 'acme.a', 'j1')).pool(granted(id));
    session.close();
    const [row] = meters.workers.page({ sort: 'name', offset: 0, limit: 10 }).workers;
    expect(row?.record.countsOfDay(Date.now()).accepted).toBe(4);
    expect(row?.record.sessions).toBe(0);
    expect(AuditTotals.of(meters.audit.all).verdicts.unchecked).toBe(4);
  });

  it('are not counted twice when workers come back from a ledger that has them already', () => {
    const { meters, session } = metered();
    mine(session, 4);
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const counts = { accepted: 4, rejected: 0, stale: 0, hashes: 4 * 8 * 2 ** 32 };
    const seen = { clientId: 'acme', worker: 'acme.a', firstSeenAt: hour, lastSeenAt: Date.now() };
    meters.workers.restore([{ ...seen, hours: [{ hour, ...counts }] }]);
    expect(workersOf(meters)[0]?.countsOfDay(Date.now()).accepted).toBe(4);
  });

  it('are in a reading of the audit as they were then, whatever comes before it is looked at', () => {
    const { meters, session } = metered();
    mine(session, 4);
    const { audits } = meters.read();
    mine(session, 2);
    expect(AuditTotals.of(meters.audit.all).verdicts.unchecked).toBe(6);
    expect(AuditTotals.of(audits).verdicts.unchecked).toBe(4);
  });

  it('count for the audit as it was when they came', () => {
    const { meters, session } = metered();
    mine(session, 4);
    reload(meters, { ...AUDIT, submitsPerSecond: 0 });
    mine(session, 2);
    expect(AuditTotals.of(meters.audit.all).verdicts.unchecked).toBe(4);
  });

  it('come before what came after them: the last share is the one that is shown', () => {
    const { meters, session } = metered();
    mine(session, 2);
    session.pool(setDifficulty(16), notify('j2'));
    session.miner(submit(50, 'acme.a', 'j2')).pool(refused(50));
    expect(workersOf(meters)[0]?.difficulty).toBe(16);
  });

  it('belong to the hour in which each came', () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 0, 31, 23, 59, 40));
    try {
      const { meters, session, facts } = metered();
      mine(session, 4);
      clock.mockReturnValue(Date.UTC(2026, 1, 1, 0, 0, 5));
      mine(session, 1);
      meters.stop();
      const sums = facts.flatMap((fact) => (fact.kind === 'sums' ? [fact] : []));
      expect(sums.map(({ hour, numbers }) => [hour, numbers.audited_unchecked_accepted])).toEqual([
        [Date.UTC(2026, 0, 31, 23), '4'],
        [Date.UTC(2026, 1, 1), '1'],
      ]);
    } finally {
      clock.mockRestore();
    }
  });
});

let lastId = 100;

function mine(session: TestSession, count: number): void {
  for (let n = 0; n < count; n += 1) {
    lastId += 1;
    session.miner(submit(lastId, 'acme.a', 'j1')).pool(granted(lastId));
  }
}

function workersOf(meters: Meters) {
  return meters.workers.page({ sort: 'name', offset: 0, limit: 10 }).workers.map(({ record }) => record);
}

/** The same configuration, read again. */
function reload(meters: Meters, audit = AUDIT): void {
  const directory = new ClientDirectory(CLIENTS, 'account', './+#');
  const workers = { silentAfterMs: 600_000, forgetAfterMs: 3 * 86_400_000 };
  const others = { poolHosts: [POOL], maxClients: 1_000, inspectionOf: () => ({}), workers };
  meters.reconfigure({ ...others, directory, audit });
}

function timeless(fact: Fact): object {
  return { ...fact, at: undefined };
}
