import { loadMoreSessions, loadSessions, nearly, optionsOf } from '@mining-proxy/stratum-parser/testing';
import type { SessionCase } from '@mining-proxy/stratum-parser/testing';
import { REJECTION_REASONS } from '@mining-proxy/stratum-parser';
import { TestSession, testMeters } from '../../testing';
import type { Fact } from '../journal/records/record';

const sessions = [...loadSessions(), ...loadMoreSessions()];

describe.each(sessions.map((session) => [session.name, session] as const))('%s', (_, session) => {
  it('is metered as it is recorded, and the books balance after every chunk', () => {
    const { counts } = metered(session).session;
    const rejectedBy = REJECTION_REASONS.filter((reason) => counts.rejectedFor(reason) > 0).map(
      (reason) => [reason, counts.rejectedFor(reason)] as const,
    );
    const { work, ...expected } = shared(session);
    expect({
      submits: counts.submits,
      accepted: counts.accepted,
      acceptedStale: counts.acceptedStale,
      rejected: counts.rejected,
      rejectedBy: Object.fromEntries(rejectedBy),
      unknown: counts.unknown,
      unanswered: counts.unanswered,
      jobs: counts.jobs,
      notifications: counts.notifications,
    }).toMatchObject(expected);
    // Whole hashes are billed: each share may round by half a one.
    expect(Math.abs(counts.acceptedHashes - (work as number))).toBeLessThanOrEqual(
      counts.accepted / 2 + (work as number) * 1e-12,
    );
  });

  it('writes each share down once, under the worker that it names', () => {
    const { facts } = metered(session);
    const shares = facts.filter((fact) => fact.kind === 'share');
    expect(shares).toHaveLength(session.expect.submits as number);
    const byWorker = new Map<string, { submits: number; accepted: number; rejected: number; work: number }>();
    for (const { worker, outcome, hashes } of shares) {
      const booked = byWorker.get(worker ?? '') ?? { submits: 0, accepted: 0, rejected: 0, work: 0 };
      byWorker.set(worker ?? '', booked);
      booked.submits += 1;
      if (outcome === 'rejected') booked.rejected += 1;
      if (!outcome.startsWith('accepted')) continue;
      booked.accepted += 1;
      booked.work += Number(hashes ?? 0);
    }
    expect(Object.fromEntries(byWorker)).toMatchObject(nearly(session.expect.byWorker ?? {}) as object);
  });
});

function metered({ steps, config }: SessionCase): { session: TestSession; facts: readonly Fact[] } {
  const facts: Fact[] = [];
  const meters = testMeters({
    inspectionOf: () => optionsOf(config),
    facts: { append: (fact: Fact) => facts.push(fact), flush: () => undefined },
  });
  const session = new TestSession(meters);
  for (const { direction, bytes } of steps) {
    if (direction === 'to_upstream') session.miner(bytes);
    else session.pool(bytes);
    expect(meters.read().equationDifference).toBe(0);
  }
  session.close();
  expect(session.faults).toEqual([]);
  expect(meters.read().equationDifference).toBe(0);
  return { session, facts };
}

/** What the recording says about what is metered. */
function shared({ expect: { submits, accepted, work = 0, ...rest } }: SessionCase): Record<string, unknown> {
  const { acceptedStale, rejected, rejectedBy, unknown, unanswered, jobs, notifications } = rest;
  const all = {
    submits,
    accepted,
    work,
    acceptedStale,
    rejected,
    rejectedBy,
    unknown,
    unanswered,
    jobs,
    notifications,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
