import {
  answer,
  authorize,
  expectSharesToAddUp,
  playPool,
  type ProxyProcess,
  type RawPeer,
  type RawPool,
  Stage,
  submit,
} from '@mining-proxy/e2e-support';
import { figure, mib } from './support/figures';
import { COLLECTS_ON_SIGNAL, heldMemory } from './support/held-memory';
import { PeakMemory } from './support/memory';

const MIB = 2 ** 20;
const FLOODS = 20;
/** What Node's young generation and the allocator may take for themselves while megabytes pass. */
const OVERHEAD = 64 * MIB;
/** Two queues of 64 KiB, two reads on top of them, and an unfinished line each way. */
const PER_SESSION = 512 * 1_024;

/** Guards memory: what a session may keep is a constant, however much its peers send and whoever does not read. */
describe('floods', () => {
  const house = new Stage();
  const stage = new Stage();
  let pool: RawPool;
  let proxy: ProxyProcess;
  let neighbour: RawPeer;
  let pings = 0;

  beforeAll(async () => {
    pool = await house.rawPool();
    const settings = { slow_peer_timeout_ms: 1_000 };
    proxy = await house.proxy({ poolPort: pool.port, proxy: settings, env: COLLECTS_ON_SIGNAL });
    const session = await house.session(proxy, pool);
    playPool(session.upstream);
    neighbour = session.miner;
  });
  afterEach(async () => {
    pings += 1;
    neighbour.say(submit(pings, 'neighbour.rig1'));
    expect(await neighbour.messageWith(pings)).toMatchObject({ result: true });
    await stage.clear();
    await proxy.counts('stratum_active_connections', {}, 1);
  });
  afterAll(() => house.clear());

  it.each([
    ['pools to miners that never read', 'downstream'],
    ['miners to pools that never read', 'upstream'],
  ] as const)('of 20 %s end as slow peers and take bounded memory', async (name, mute) => {
    const line = Buffer.from('{"id":1,"method":"mining.noop","params":["flood"]}\n'.repeat(20_000));
    const memory = await PeakMemory.since(proxy);
    const startedAt = performance.now();
    const sessions = [];
    for (let n = 0; n < FLOODS; n += 1) sessions.push(await stage.session(proxy, pool));
    const sent = sessions.map(async ({ miner, upstream }) => {
      miner.write('hello\n');
      await upstream.receives(6);
      const [silent, flooding] = mute === 'downstream' ? [miner, upstream] : [upstream, miner];
      silent.stopReading();
      await floodUntilClosed(flooding, line);
      return flooding.socket.bytesWritten;
    });
    await proxy.counts('stratum_session_closes_total', { side: mute, code: 'SLOW_PEER' }, FLOODS, 45_000);
    const peak = await memory.growth();
    const written = (await Promise.all(sent)).reduce((sum, bytes) => sum + bytes, 0);
    const ms = Math.round(performance.now() - startedAt);
    figure(`flood: ${name}`, { sessions: FLOODS, ms, pushed: mib(written), peakGrowth: mib(peak) });
    expect(peak).toBeLessThan(OVERHEAD + FLOODS * PER_SESSION);
  });

  it.each(['to_upstream', 'to_downstream'] as const)(
    'of megabyte lines %s cross, are counted, and leave the next share readable',
    async (direction) => {
      const { miner, upstream } = await stage.session(proxy, pool);
      const [from, to] = direction === 'to_upstream' ? [miner, upstream] : [upstream, miner];
      const before = await proxy.metrics();
      const memory = await PeakMemory.since(proxy);
      to.forget();
      const line = Buffer.from(`{"id":5,"method":"mining.noop","params":["${'x'.repeat(MIB)}"]}\n`);
      const lines = 64;
      for (let n = 0; n < lines; n += 1) await from.writeAll(line);
      await to.receives(lines * line.length);
      const labels = { direction, reason: 'too_long' };
      const skipped = before.value('stratum_unparsed_lines_total', labels) + lines;
      await proxy.counts('stratum_unparsed_lines_total', labels, skipped);
      const peak = await memory.growth();
      const accepted = before.value('stratum_accepted_shares_total', { client_id: 'long' });
      miner.say(submit(7, 'long.rig1'));
      upstream.say(answer(7, true));
      await proxy.counts('stratum_accepted_shares_total', { client_id: 'long' }, accepted + 1);
      figure(`megabyte lines ${direction}`, {
        lines,
        passed: mib(lines * line.length),
        peakGrowth: mib(peak),
      });
      expect(peak).toBeLessThan(OVERHEAD);
    },
  );

  it('of shares that nobody answers keep the last 1,000 in mind, and each has its outcome', async () => {
    const { miner, upstream } = await stage.session(proxy, pool);
    const memory = await PeakMemory.since(proxy);
    upstream.forget();
    const shares = 100_000;
    const startedAt = performance.now();
    const text = `${JSON.stringify(submit(4, 'mute.rig1'))}\n`.repeat(1_000);
    for (let sent = 0; sent < shares; sent += 1_000) await miner.writeAll(text);
    const page = await proxy.counts('stratum_submits_total', { client_id: 'mute' }, shares);
    const ms = Math.round(performance.now() - startedAt);
    const peak = await memory.growth();
    const inFlight = page.value('stratum_shares_in_flight', { client_id: 'mute' });
    figure('shares that nobody answers', { shares, ms, inFlight, peakGrowth: mib(peak) });
    expectSharesToAddUp(page);
    expect(inFlight).toBe(1_000);
    expect(page.value('stratum_unanswered_shares_total', { client_id: 'mute' })).toBe(shares - 1_000);
    expect(peak).toBeLessThan(OVERHEAD);
  });

  it('of worker names, ids and jobs of 40 KB each keep the beginning of each', async () => {
    const { miner, upstream } = await stage.session(proxy, pool);
    upstream.forget();
    const before = await heldMemory(proxy);
    const long = (n: number) => `${n}${'n'.repeat(40_000)}`;
    const messages = 1_200;
    let bytes = 0;
    for (let n = 0; n < messages; n += 1) {
      const said = [authorize(n, `named.${long(n)}`), submit(long(n), `named.${long(n)}`, long(n))];
      const text = said.map((message) => `${JSON.stringify(message)}\n`).join('');
      bytes += text.length;
      await miner.writeAll(text);
    }
    await proxy.counts('stratum_submits_total', { client_id: 'named' }, messages);
    const after = await heldMemory(proxy);
    const heap = after.heap - before.heap;
    const external = after.external - before.external;
    const page = (await proxy.get('/sessions')).body.length;
    figure('names of 40 KB', {
      messages: 2 * messages,
      passed: mib(bytes),
      held: mib(heap),
      external: mib(external),
      page,
    });
    expect(heap + external).toBeLessThan(4 * MIB);
    expect(page).toBeLessThan(20_000);
  });
});

async function floodUntilClosed(peer: RawPeer, flood: Buffer): Promise<void> {
  while (!peer.socket.destroyed && !peer.finished) {
    // The write that was under way when the session ended fails.
    await Promise.race([peer.writeAll(flood).catch(() => undefined), peer.closed]);
  }
  peer.destroy();
}
