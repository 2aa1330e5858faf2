import { TestSession, testMeters } from '../../testing';
import type { Meters } from '../metering/meters';
import type { BlockCandidate } from './audit-books';
import { VERDICTS } from './verdict';
import { COINBASE, GENESIS_HASH, genesisJob, genesisSubmit } from './testing/genesis';

/** Guards what a share is checked with: the job, extranonce and mask that were in force for it. */
describe('the audit of a session', () => {
  let meters: Meters;
  let session: TestSession;
  let blocks: BlockCandidate[];

  beforeEach(() => {
    meters = testMeters({
      audit: { submitsPerSecond: 1_000, algorithmOf: () => 'sha256d', payoutAddresses: new Map() },
    });
    blocks = [];
    meters.audit.onBlock = (block) => blocks.push(block);
    session = new TestSession(meters);
    miner({ id: 1, method: 'mining.subscribe', params: ['cgminer/4.11.1'] });
    pool({ id: 1, result: [[['mining.notify', 'a']], COINBASE.slice(84, 92), 4], error: null });
    miner({ id: 2, method: 'mining.authorize', params: ['acme.rig1', 'x'] });
    pool({ id: 2, result: true, error: null });
    pool({ id: null, method: 'mining.set_difficulty', params: [1] });
    pool(genesisJob());
  });
  afterEach(() => session.close());

  const line = (message: object) => Buffer.from(`${JSON.stringify(message)}\n`);
  const miner = (message: object) => session.miner(line(message));
  const pool = (message: object) => session.pool(line(message));

  /** What the audit says of a share that the pool accepts. */
  async function verdictOf(submit: object): Promise<Record<string, number>> {
    const before = { ...session.tap.audit!.verdicts };
    miner(submit);
    pool({ id: (submit as { id: number }).id, result: true, error: null });
    // Checks come in a turn of their own.
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    const { verdicts } = session.tap.audit!;
    const grown = VERDICTS.map((verdict) => [verdict, verdicts[verdict] - before[verdict]] as const);
    return Object.fromEntries(grown.filter(([, count]) => count > 0));
  }

  it("finds the share of Bitcoin's first block valid, and a block", async () => {
    expect(await verdictOf(genesisSubmit())).toEqual({ valid: 1 });
    expect(blocks).toMatchObject([
      { hash: GENESIS_HASH, job: '1', worker: 'acme.rig1', outcome: 'accepted', height: null },
    ]);
  });

  it('knows a share again as long as it has its job, and cannot check it afterwards', async () => {
    await verdictOf(genesisSubmit(4));
    expect(await verdictOf(genesisSubmit(5))).toEqual({ duplicate: 1 });
    for (const id of ['2', '3', '4']) pool(genesisJob({ 0: id, 7: `0000000${id}` }));
    expect(await verdictOf(genesisSubmit(6))).toEqual({ duplicate: 1 });
    pool(genesisJob({ 0: '5', 7: '00000005' }));
    expect(await verdictOf(genesisSubmit(7))).toEqual({ unchecked: 1 });
  });

  it('takes an extranonce for the jobs that come after it', async () => {
    pool({ id: null, method: 'mining.set_extranonce', params: ['deadbeef', 4] });
    expect(await verdictOf(genesisSubmit(4))).toEqual({ valid: 1 });
    pool(genesisJob({ 0: '2' }));
    expect(await verdictOf(genesisSubmit(5, '2'))).toEqual({ below_target: 1 });
  });

  it('is not led into the deep by a pool that sets the extranonce without an end', async () => {
    for (let n = 0; n < 20_000; n += 1)
      pool({ id: null, method: 'mining.set_extranonce', params: ['deadbeef'] });
    pool({ id: null, method: 'mining.set_extranonce', params: [COINBASE.slice(84, 92)] });
    pool(genesisJob({ 0: '2' }));
    expect(await verdictOf(genesisSubmit(4, '2'))).toEqual({ valid: 1 });
    expect(session.faults).toEqual([]);
  });

  it('keeps no submit that is longer than one is', async () => {
    const long = genesisSubmit();
    expect(await verdictOf({ ...long, padding: 'x'.repeat(2_000) })).toEqual({ unchecked: 1 });
  });
});
