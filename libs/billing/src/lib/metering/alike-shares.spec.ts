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
    facts: { append: (fact) => facts.push({ ...fact }) },
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
});

/** The same configuration, read again. */
function reload(meters: Meters): void {
  const directory = new ClientDirectory(CLIENTS, 'account', './+#');
  const workers = { silentAfterMs: 600_000, forgetAfterMs: 3 * 86_400_000 };
  const others = { poolHosts: [POOL], maxClients: 1_000, inspectionOf: () => ({}), workers };
  meters.reconfigure({ ...others, directory, audit: AUDIT });
}

function timeless(fact: Fact): object {
  return { ...fact, at: undefined };
}
