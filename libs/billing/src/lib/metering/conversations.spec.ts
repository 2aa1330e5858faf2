import * as fc from 'fast-check';
import { TestSession, client, stratum, testMeters } from '../../testing';
import type { ClientNumbers } from './client-meter';
import type { MeterReading, Meters } from './meters';

const { authorize, granted, line, notify, refused, setDifficulty, submit, subscribe } = stratum;

const WORKERS = ['acme.a', 'acme.b', 'solo.x', 'third', 'fourth.y'];

/** One thing that happens to one of a few sessions; `pick` chooses among what is possible then. */
const step = fc.record({
  slot: fc.nat(3),
  pick: fc.nat(1_000),
  kind: fc.constantFrom(
    ...(['open', 'subscribe', 'login', 'submit', 'submit', 'accept', 'accept', 'reject', 'mumble'] as const),
    ...(['answer', 'orphan', 'difficulty', 'job', 'garbage', 'close'] as const),
  ),
});

/** The test's own books of what the pool said to each submit, apart from those that are tested. */
class Books {
  readonly meters = testMeters({ clients: [client('acme', { workers: ['acme.*'] })], maxClients: 2 });
  readonly expected = { submits: 0, accepted: 0, rejected: 0, unknown: 0 };
  opened = 0;
  private readonly slots = new Map<number, TestSession>();
  private readonly open = new Map<TestSession, { id: number; share: boolean }[]>();
  private nextId = 1;
  private nextJob = 1;

  get openSessions(): number {
    return this.open.size;
  }

  run({ slot, pick, kind }: { slot: number; pick: number; kind: string }): void {
    const session = this.slots.get(slot) ?? this.openSession(slot);
    const waiting = this.open.get(session)!;
    const worker = WORKERS[pick % WORKERS.length]!;
    switch (kind) {
      case 'subscribe':
        session.miner(subscribe(this.ask(waiting, false)));
        break;
      case 'login':
        session.miner(authorize(this.ask(waiting, false), worker));
        break;
      case 'submit':
        session.miner(submit(this.ask(waiting, true), worker, `j${Math.max(1, this.nextJob - (pick % 3))}`));
        this.expected.submits += 1;
        break;
      case 'accept':
        this.answer(session, waiting, pick, 'accepted', (id) => granted(id));
        break;
      case 'reject':
        this.answer(session, waiting, pick, 'rejected', (id) => refused(id, 20 + (pick % 6), 'no'));
        break;
      case 'mumble':
        this.answer(session, waiting, pick, 'unknown', (id) => line({ id, result: 'perhaps' }));
        break;
      case 'orphan':
        session.pool(granted(1_000_000));
        break;
      case 'difficulty':
        session.pool(setDifficulty(((pick + 1) * 1e9) / 7 ** (pick % 13)));
        break;
      case 'job':
        session.pool(notify(`j${(this.nextJob += 1)}`));
        break;
      case 'garbage':
        session.miner('{"id":1,\n').pool('\n\x00\n', 'nonsense\n');
        break;
      case 'close':
        this.close(slot);
    }
  }

  closeAll(): void {
    for (const slot of [...this.slots.keys()]) this.close(slot);
  }

  private openSession(slot: number): TestSession {
    const session = new TestSession(this.meters);
    this.opened += 1;
    this.slots.set(slot, session);
    this.open.set(session, []);
    return session;
  }

  private close(slot: number): void {
    const session = this.slots.get(slot)!;
    session.close();
    this.slots.delete(slot);
    this.open.delete(session);
  }

  private ask(waiting: { id: number; share: boolean }[], share: boolean): number {
    const id = (this.nextId += 1);
    waiting.push({ id, share });
    return id;
  }

  private answer(
    session: TestSession,
    waiting: { id: number; share: boolean }[],
    pick: number,
    outcome: 'accepted' | 'rejected' | 'unknown',
    text: (id: number) => string,
  ): void {
    const [request] = waiting.splice(pick % Math.max(1, waiting.length), 1);
    if (!request) return;
    session.pool(text(request.id));
    if (request.share) this.expected[outcome] += 1;
  }
}

describe('after every step of any conversations', () => {
  it('each submit has one outcome, counters only grow, and gauges say what is open', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
        const books = new Books();
        let before = books.meters.read();
        const check = (): void => {
          const reading = books.meters.read();
          expectBalanced(reading);
          expectGrown(before, reading);
          expect(total(reading, (n) => n.activeConnections)).toBe(books.openSessions);
          before = reading;
        };
        for (const each of steps) {
          books.run(each);
          check();
        }
        books.closeAll();
        check();
        expectAddsUp(books);
      }),
      { numRuns: 150 },
    );
  });
});

function expectAddsUp({ meters, expected, opened }: Books): void {
  const reading = meters.read();
  expect(total(reading, (n) => n.connections)).toBe(opened);
  expect(total(reading, (n) => n.counts.submits)).toBe(expected.submits);
  expect(total(reading, (n) => n.counts.accepted)).toBe(expected.accepted);
  expect(total(reading, (n) => n.counts.rejected)).toBe(expected.rejected);
  expect(total(reading, (n) => n.counts.unknown)).toBe(expected.unknown);
  const { submits, accepted, rejected, unknown } = expected;
  expect(total(reading, (n) => n.counts.unanswered)).toBe(submits - accepted - rejected - unknown);
}

function expectBalanced({ clients, equationDifference }: MeterReading): void {
  expect(equationDifference).toBe(0);
  for (const { counts, sharesInFlight, activeConnections } of clients) {
    const { accepted, rejected, unknown, unanswered } = counts;
    expect(counts.submits).toBe(accepted + rejected + unknown + unanswered + sharesInFlight);
    expect(sharesInFlight).toBeGreaterThanOrEqual(0);
    expect(activeConnections).toBeGreaterThanOrEqual(0);
  }
}

function expectGrown(before: MeterReading, after: MeterReading): void {
  for (const [index, old] of before.clients.entries()) {
    const { clientId, ...now } = after.clients[index]!;
    expect(clientId).toBe(old.clientId);
    for (const counter of COUNTERS) expect(counter(now)).toBeGreaterThanOrEqual(counter(old));
  }
}

const COUNTERS: readonly ((numbers: Omit<ClientNumbers, 'clientId'>) => number)[] = [
  (n) => n.connections,
  (n) => n.bytesSent,
  (n) => n.bytesReceived,
  (n) => n.counts.submits,
  (n) => n.counts.accepted,
  (n) => n.counts.rejected,
  (n) => n.counts.unknown,
  (n) => n.counts.unanswered,
  (n) => n.counts.acceptedHashes,
  (n) => n.counts.acceptedDifficulty,
];

function total(reading: ReturnType<Meters['read']>, value: (numbers: ClientNumbers) => number): number {
  return reading.clients.reduce((soFar, numbers) => soFar + value(numbers), 0);
}
