import { TestSession, testMeters } from '../../testing';
import type { Meters } from '../metering/meters';
import type { ForeignPayout } from './payouts';
import { COINBASE, genesisJob, genesisSubmit } from './testing/genesis';

/** Whom the example of pools' documents pays, in Bitcoin's spelling, and somebody else. */
const PAID = '1LAhLWDhe57YEcTk6mPkh85cYyRnCcyH7j';
const OTHER = '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2';
const HEAD =
  '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff20020862062f503253482f04b8864e5008';
const TAIL =
  '072f736c7573682f000000000100f2052a010000001976a914d23fcdf86f7e756a64a7a9688ef9903327048ed988ac00000000';
const EXTRANONCE = ['08000002', 4] as const;

/** Guards that somebody who mines for himself sees whom he would pay. */
describe('the payouts of jobs', () => {
  let meters: Meters;
  let session: TestSession;
  let foreign: ForeignPayout[];

  function begin(payoutAddresses: Record<string, readonly string[]>, submitsPerSecond = 1_000): void {
    const audit = {
      submitsPerSecond,
      algorithmOf: () => 'sha256d' as const,
      payoutAddresses: new Map(Object.entries(payoutAddresses)),
    };
    meters = testMeters({ audit });
    foreign = [];
    meters.audit.payouts.onForeign = (payout) => foreign.push(payout);
    session = new TestSession(meters);
    miner({ id: 1, method: 'mining.subscribe', params: ['cgminer/4.11.1'] });
    pool({ id: 1, result: [[['mining.notify', 'a']], ...EXTRANONCE], error: null });
  }
  afterEach(() => session.close());

  const line = (message: object) => Buffer.from(`${JSON.stringify(message)}\n`);
  const miner = (message: object) => session.miner(line(message));
  const pool = (message: object) => session.pool(line(message));
  const logIn = () => {
    miner({ id: 2, method: 'mining.authorize', params: ['acme.rig1', 'x'] });
    pool({ id: 2, result: true, error: null });
  };
  const job = (id: string, head = HEAD, tail = TAIL) =>
    pool(genesisJob({ 0: id, 2: head, 3: tail, 5: '20000000' }));
  /** Jobs are looked at in a turn of their own. */
  const looked = async () => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  };
  const counted = () => [
    meters.audit.payouts.foreign.get('acme') ?? 0,
    meters.audit.payouts.unread.get('pool.test:3333') ?? 0,
  ];

  it('are shown with height, address and amount, also where nobody has said whom they should pay', () => {
    begin({});
    logIn();
    job('1');
    expect(session.tap.audit!.payouts.shown).toEqual({
      height: 25_096,
      outputs: [
        {
          address: PAID,
          script: '76a914d23fcdf86f7e756a64a7a9688ef9903327048ed988ac',
          value: 5_000_000_000n,
        },
      ],
      more: 0,
      paysClient: null,
    });
  });

  it('are not counted where one of them is of the client', async () => {
    begin({ acme: [OTHER, PAID] });
    logIn();
    job('1');
    await looked();
    expect(session.tap.audit!.payouts.shown!.paysClient).toBe(true);
    expect([foreign, counted()]).toEqual([[], [0, 0]]);
  });

  it('are counted and told of where none of them is, each job once', async () => {
    begin({ acme: [OTHER] });
    logIn();
    job('1');
    job('2');
    await looked();
    expect(counted()).toEqual([2, 0]);
    expect(foreign[0]).toMatchObject({
      clientId: 'acme',
      poolHost: 'pool.test:3333',
      sessionId: 's-1',
      paid: { height: 25_096, outputs: [{ address: PAID }], paysClient: false },
    });
  });

  it('are counted where the audit checks no share, which is not counted then', async () => {
    begin({ acme: [OTHER] }, 0);
    logIn();
    job('1');
    miner(genesisSubmit());
    pool({ id: 4, result: true, error: null });
    await looked();
    expect(counted()).toEqual([1, 0]);
    expect([...meters.audit.all].flatMap((tally) => [...tally.all()])).toEqual([]);
  });

  it('of before the client was known are looked at then', async () => {
    begin({ acme: [OTHER] });
    job('1');
    await looked();
    expect(counted()).toEqual([0, 0]);
    logIn();
    await looked();
    expect(counted()).toEqual([1, 0]);
  });

  it("of other clients are nobody's concern", async () => {
    begin({ bolt: [OTHER] });
    logIn();
    job('1');
    await looked();
    expect(foreign).toEqual([]);
  });

  it.each([
    ['is cut off', HEAD, TAIL.slice(0, -2)],
    ['says that it has more outputs than it has', HEAD, TAIL.replace('000000000100f2', '00000000ff00f2')],
    ['is no transaction', 'ff', 'ff'],
    ['is longer than what is kept', HEAD, `${TAIL}${'00'.repeat(30_000)}`],
  ])('count, as ones that nobody can read, where the coinbase %s', async (_, head, tail) => {
    begin({ acme: [OTHER] });
    logIn();
    job('1', head, tail);
    await looked();
    expect(counted()).toEqual([1, 1]);
    expect(foreign).toMatchObject([{ clientId: 'acme', paid: null }]);
    expect(session.tap.audit!.payouts.shown).toBeNull();
  });

  it('see through a coinbase in which the extranonce decides who is paid', async () => {
    // The script ends before the extranonce, which stands in the place of the sequence and of the count of outputs.
    const head = HEAD.replace('ffffffff20', 'ffffffff18');
    begin({ acme: [OTHER] });
    logIn();
    job('1', head);
    await looked();
    expect(counted()).toEqual([1, 1]);
  });

  it('say no height of a job whose version does not promise one', () => {
    begin({});
    logIn();
    pool(genesisJob({ 2: HEAD, 3: TAIL }));
    expect(session.tap.audit!.payouts.shown).toMatchObject({ height: null });
    expect(COINBASE).toContain('04ffff001d');
  });
});
