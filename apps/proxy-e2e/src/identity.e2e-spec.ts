import {
  answer,
  authorize,
  eventually,
  logIn,
  playPool,
  type ProxyOptions,
  type ProxyProcess,
  type RawPeer,
  type RawPool,
  Stage,
  submit,
  subscribe,
} from '@mining-proxy/e2e-support';

const ACTIVE = 'stratum_active_connections';

/** Guards who is billed: found once per session, in a fixed order, and never changed after. */
describe('identity', () => {
  const house = new Stage();
  const stage = new Stage();
  let silentPool: RawPool;
  let plain: ProxyProcess;

  beforeAll(async () => {
    silentPool = await house.rawPool();
    plain = await house.proxy({ poolPort: silentPool.port });
  });
  afterEach(() => stage.clear());
  afterAll(() => house.clear());

  it.each([
    ['account', 'acme'],
    ['worker', 'acme.rig.7'],
    ['source_ip', '127.0.0.1'],
    ['unassigned', 'unassigned'],
  ])('falls back to the %s where no client matches', async (fallback, client_id) => {
    const { proxy } = await open({ identity: { fallback } });
    const miner = await stage.miner(proxy);
    await logIn(miner, 'acme.rig.7');
    await proxy.counts('stratum_connections_total', { client_id }, 1);
    miner.say(submit(3, 'acme.rig.7'));
    await miner.messageWith(3);
    expect((await proxy.metrics()).value('stratum_accepted_shares_total', { client_id })).toBe(1);
  });

  it('finds a client by source address before anything is said, by worker pattern at the login', async () => {
    const { proxy } = await open({
      clients: [
        { client_id: 'farm', source_cidrs: ['127.0.0.2/31'] },
        { client_id: 'hosted', workers: ['host*.rig?'] },
      ],
    });
    const start = await proxy.metrics();
    for (const client_id of ['farm', 'hosted']) {
      for (const name of [ACTIVE, 'stratum_submits_total', 'stratum_accepted_hashes_total']) {
        expect(start.series(name, { client_id })).toMatchObject([{ value: 0 }]);
      }
    }
    await stage.miner(proxy, { localAddress: '127.0.0.3' });
    await proxy.counts(ACTIVE, { client_id: 'farm' }, 1);
    await logIn(await stage.miner(proxy), 'hosting.rig1');
    await logIn(await stage.miner(proxy), 'hosting.rig12');
    const page = await proxy.counts(ACTIVE, { client_id: 'hosted' }, 1);
    expect(page.value(ACTIVE, { client_id: 'hosting' })).toBe(1);
    // The address comes first: a login cannot move the farm's session.
    await logIn(await stage.miner(proxy, { localAddress: '127.0.0.2' }), 'hosting.rig1');
    await proxy.counts(ACTIVE, { client_id: 'farm' }, 2);
    await proxy.counts(ACTIVE, { client_id: 'hosted' }, 1);
  });

  it('shows a session as unassigned until it knows better, then moves all of it', async () => {
    const { proxy } = await open({});
    const miner = await stage.miner(proxy);
    miner.say(subscribe(1));
    await miner.messageWith(1);
    await proxy.counts(ACTIVE, { client_id: 'unassigned' }, 1);
    await logIn(miner, 'acme.rig1');
    const page = await proxy.counts(ACTIVE, { client_id: 'acme' }, 1);
    expect(page.value(ACTIVE, { client_id: 'unassigned' })).toBe(0);
    expect(page.value('stratum_bytes_sent_total', { client_id: 'unassigned' })).toBe(0);
    expect(page.value('stratum_bytes_sent_total', { client_id: 'acme' })).toBe(miner.socket.bytesWritten);
    expect(page.value('stratum_bytes_received_total', { client_id: 'acme' })).toBe(miner.receivedBytes);
  });

  it('does not take a login that the pool refuses, and takes the next one that it does not', async () => {
    const { miner, upstream } = await stage.session(plain, silentPool);
    miner.say(authorize(1, 'thief.rig1'));
    upstream.say(answer(1, false, [24, 'Unauthorized worker', null]));
    await miner.messageWith(1);
    miner.say(authorize(2, 'acme.rig1'));
    await eventually(() => expect(upstream.received.toString()).toContain('acme.rig1'));
    expect((await plain.metrics()).value(ACTIVE, { client_id: 'unassigned' })).toBe(1);
    upstream.say(answer(2, true));
    const page = await plain.counts(ACTIVE, { client_id: 'acme' }, 1);
    expect(page.series(ACTIVE, { client_id: 'thief' })).toEqual([]);
  });

  it('takes the worker of the first submit where a login was never answered', async () => {
    const { miner } = await stage.session(plain, silentPool);
    miner.say(authorize(1, 'login.rig1'));
    miner.say(submit(2, 'submit.rig1'));
    const page = await plain.counts(ACTIVE, { client_id: 'submit' }, 1);
    expect(page.value('stratum_shares_in_flight', { client_id: 'submit' })).toBe(1);
  });

  it('bills a stream that it cannot read as unassigned', async () => {
    const { miner, upstream } = await stage.session(plain, silentPool);
    miner.write(Buffer.from('16030100c8010000c40303', 'hex'));
    await upstream.receives(11);
    const page = await plain.counts('stratum_bytes_sent_total', { client_id: 'unassigned' }, 11);
    expect(page.value('stratum_connections_total', { client_id: 'unassigned' })).toBe(1);
  });

  it('gives max_clients a label of their own and lets the rest share one', async () => {
    const { proxy } = await open({
      identity: { max_clients: 3 },
      clients: [{ client_id: 'known', workers: ['k.*'] }],
    });
    for (let account = 1; account <= 6; account += 1)
      await logIn(await stage.miner(proxy), `acct${account}.rig`);
    await logIn(await stage.miner(proxy), 'k.rig');
    const page = await proxy.counts(ACTIVE, { client_id: 'overflow' }, 3);
    expect(page.labelValues(ACTIVE, 'client_id').sort()).toEqual(
      ['acct1', 'acct2', 'acct3', 'known', 'overflow', 'unassigned'].sort(),
    );
    expect(page.value(ACTIVE, { client_id: 'known' })).toBe(1);
  });

  it("counts logins and submits for an account that is none of the client's", async () => {
    const { proxy } = await open({
      clients: [{ client_id: 'acme', workers: ['acme.*'], accounts: ['acme'] }],
    });
    const miner = await stage.miner(proxy);
    await logIn(miner, 'acme.rig1');
    miner.say(submit(3, 'acme.rig1'));
    await miner.messageWith(3);
    expect((await proxy.metrics()).value('stratum_foreign_accounts_total')).toBe(0);
    miner.say(authorize(4, 'devfee.rig1'));
    miner.say(submit(5, 'devfee.rig1'));
    await miner.messageWith(5);
    await proxy.counts('stratum_foreign_accounts_total', { client_id: 'acme' }, 2);
  });

  it('keeps the metrics readable whatever a miner calls itself', async () => {
    const { proxy } = await open({});
    const names = ['quo"te', 'back\\slash', 'new\nline', '{label="x"} 1', '__proto__', 'constructor', ' '];
    for (const name of names) await logIn(await stage.miner(proxy), `${name}.rig`);
    const page = await proxy.metrics();
    expect(page.value(ACTIVE)).toBe(names.length);
    for (const client_id of names.slice(0, 6)) expect(page.value(ACTIVE, { client_id })).toBe(1);
  });

  async function open(
    options: Omit<ProxyOptions, 'poolPort'>,
  ): Promise<{ proxy: ProxyProcess; pool: RawPool }> {
    const pool = await stage.rawPool({ greets: (peer: RawPeer) => playPool(peer) });
    return { pool, proxy: await stage.proxy({ poolPort: pool.port, ...options }) };
  }
});
