import type { Fact } from '../journal/records/record';
import { TestSession, client, numbersOf, stratum, sum, testMeters } from '../../testing';

const { authorize, granted, line, refused, submit, subscribe } = stratum;

const CLIENTS = [
  client('north', { workers: ['north.*'], accounts: ['north'] }),
  client('south', { workers: ['south.*'], accounts: ['other'] }),
];

/** An aggregating proxy: one connection, one login, shares of several customers. */
function mixed() {
  const facts: Fact[] = [];
  const meters = testMeters({
    clients: CLIENTS,
    facts: { append: (fact) => facts.push(fact), flush: () => undefined },
  });
  const session = new TestSession(meters).miner(subscribe(), authorize(2, 'hub.gate')).pool(granted(2));
  session.pool(line({ id: null, method: 'mining.set_difficulty', params: [2] }));
  return { facts, meters, session };
}

/** The equation of each client by itself. */
const difference = (meters: ReturnType<typeof testMeters>) =>
  meters.read().clients.map(({ counts, sharesInFlight }) => counts.submits - counts.settled - sharesInFlight);

describe('a share of another client than the session’s', () => {
  it('is that client’s in every number, from the submit on', () => {
    const { meters, session } = mixed();
    session.miner(submit(3, 'north.1'), submit(4, 'south.1'), submit(5, 'hub.x'), submit(6, 'north.2'));
    expect(numbersOf(meters, 'north')).toMatchObject({ sharesInFlight: 2, counts: { submits: 2 } });
    expect(numbersOf(meters, 'hub')).toMatchObject({ sharesInFlight: 1, counts: { submits: 1 } });
    expect(difference(meters).every((left) => left === 0)).toBe(true);

    session.pool(granted(3), refused(4, 22, 'Duplicate share'), granted(5), granted(6));
    expect(numbersOf(meters, 'north')?.counts).toMatchObject({ accepted: 2, rejected: 0 });
    expect(numbersOf(meters, 'south')?.counts).toMatchObject({ accepted: 0, rejected: 1 });
    expect(numbersOf(meters, 'hub')?.counts).toMatchObject({ submits: 1, accepted: 1 });

    session.close();
    expect(numbersOf(meters, 'north')).toMatchObject({ sharesInFlight: 0, connections: 0 });
    expect(numbersOf(meters, 'hub')).toMatchObject({ connections: 1, counts: { submits: 1, accepted: 1 } });
    expect(difference(meters).every((left) => left === 0)).toBe(true);
    expect(meters.read().equationDifference).toBe(0);
    expect(sum(meters, ({ counts }) => counts.submits)).toBe(4);
  });

  it('is written down as that client’s, and all others without a word of it', () => {
    const { facts, session } = mixed();
    session.miner(submit(3, 'north.1'), submit(4, 'hub.x')).pool(granted(3), granted(4));
    expect(facts.filter(({ kind }) => kind === 'share')).toMatchObject([
      { worker: 'north.1', client_id: 'north', outcome: 'accepted' },
      { worker: 'hub.x', outcome: 'accepted' },
    ]);
    expect(facts.filter((fact) => 'client_id' in fact && fact.kind === 'share')).toHaveLength(1);
  });

  it('is that client’s when nobody answers it', () => {
    const { meters, session } = mixed();
    session.miner(submit(3, 'south.1'), submit(4, 'hub.x')).close();
    expect(numbersOf(meters, 'south')?.counts).toMatchObject({ submits: 1, unanswered: 1 });
    expect(numbersOf(meters, 'hub')?.counts).toMatchObject({ submits: 1, unanswered: 1 });
  });

  it('is held against that client’s accounts', () => {
    const { facts, meters, session } = mixed();
    session.miner(submit(3, 'south.1'), submit(4, 'north.1'));
    expect(Object.fromEntries(meters.totals.foreignAccounts)).toEqual({ north: 0, south: 1 });
    expect(facts).toContainEqual(
      expect.objectContaining({ kind: 'foreign', client_id: 'south', worker: 'south.1' }),
    );
  });

  it('stays the session’s where the pool had refused the name', () => {
    const { meters, session } = mixed();
    session.miner(authorize(3, 'north.1')).pool(refused(3, 24, 'Unauthorized worker'));
    session.miner(submit(4, 'north.1')).pool(refused(4, 24, 'Unauthorized worker'));
    expect(numbersOf(meters, 'north')?.counts.submits).toBe(0);
    expect(numbersOf(meters, 'hub')?.counts).toMatchObject({ submits: 1, rejected: 1 });
  });

  it('is none of a session’s that belongs to nobody but finds its client by that share', () => {
    const meters = testMeters({ clients: CLIENTS });
    const session = new TestSession(meters).miner(subscribe(), submit(2, 'north.1')).pool(granted(2));
    expect(session.clientId).toBe('north');
    expect(session.tap.guests).toBeUndefined();
    expect(numbersOf(meters, 'north')?.counts).toMatchObject({ submits: 1, accepted: 1 });
  });
});
