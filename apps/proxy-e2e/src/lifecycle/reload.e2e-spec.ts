import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, httpGet, Stage, until } from '@mining-proxy/e2e-support';
import { tallyAtRest } from '../support/agreement';

const TOKEN = 'the-admin-token-of-this-test';

/** Guards what an operator changes while a farm is mining. */
describe('a reload under load', () => {
  const stage = new Stage();
  const directory = mkdtempSync(join(tmpdir(), 'reload-'));
  afterEach(() => stage.clear());
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('changes limits, clients and pools by SIGHUP, and every share is counted once', async () => {
    const first = await stage.simulatedPool({ difficulty: 1e-7 });
    const second = await stage.simulatedPool({ difficulty: 1e-7 });
    const pool = (name: string, port: number) => ({ name, host: '127.0.0.1', port });
    const proxy = await stage.proxy({
      poolPort: first.port,
      pools: [pool('first', first.port)],
      failover: { failover_spread_ms: 500 },
      proxy: { log_level: 'info', admin_token: TOKEN },
    });
    const miners = stage.simulatedMiners(proxy.minerPort, {
      accounts: 40,
      'submits-per-second': 200,
      'reconnect-delay-ms': 50,
    });
    await until('they mine', async () => (await first.tally()).accepted >= 100);

    proxy.configure({
      pools: [pool('second', second.port)],
      proxy: { max_connections: 2_000, log_level: 'debug' },
    });
    expect(await proxy.reload()).toMatchObject({
      msg: 'configuration reloaded',
      changes: ['proxy.log_level', 'proxy.max_connections', 'pools[first]', 'pools[second]'],
    });
    await eventually(async () => expect((await second.tally()).open_connections).toBe(40));
    const moved = await tallyAtRest(first);
    await until(
      'each has a share there',
      async () => Object.keys((await second.tally()).by_worker).length === 40,
    );

    // A client that is suspended is closed in order, and does not come in again.
    const suspended = { client_id: 'acct1', workers: ['acct1.*'], suspended: true };
    proxy.configure({ clients: [suspended] });
    await proxy.reload();
    await eventually(async () => expect((await second.tally()).open_connections).toBe(39));
    await proxy.logged('connections turned away');

    // A file with faults changes nothing, whatever else stands in it.
    proxy.configure({
      clients: [{ ...suspended, suspended: 'no' }],
      proxy: { max_connections: 1, data_dir: 'x' },
    });
    expect(await proxy.reload()).toMatchObject({
      level: 'error',
      faults: [expect.objectContaining({ path: 'clients[0].suspended' }) as unknown],
    });
    await miners.command('pause', { on: true });
    const page = await proxy.counts('stratum_shares_in_flight', {}, 0);
    expect(page.value('stratum_max_connections')).toBe(2_000);
    expect(page.by('stratum_config_reloads_total', 'result')).toEqual({ ok: 2, refused: 1 });
    expect(page.value('stratum_share_equation_difference')).toBe(0);
    const seen = await miners.stop();
    const tally = await tallyAtRest(second);
    const { 'acct1.rig1': customer, ...others } = tally.by_worker;
    expect(customer).toBeDefined();
    expect(page.value('stratum_accepted_shares_total')).toBe(moved.accepted + tally.accepted);
    expect(seen.accepted).toBe(moved.accepted + tally.accepted);
    expect(Object.keys(others)).toHaveLength(39);
  }, 90_000);

  it('takes a token over from the file that holds it, and the old one holds no more', async () => {
    const file = join(directory, 'token');
    writeFileSync(file, `${TOKEN}\n`);
    const pool = await stage.rawPool();
    const proxy = await stage.proxy({ poolPort: pool.port, env: { ADMIN_TOKEN_FILE: file } });
    const status = async (token: string) =>
      (await proxy.get('/sessions', { authorization: `Bearer ${token}` })).status;
    expect(await status(TOKEN)).toBe(200);
    writeFileSync(file, 'another-admin-token-of-this-test');
    expect(await proxy.reload()).toMatchObject({ changes: ['proxy.admin_token'] });
    expect([await status(TOKEN), await status('another-admin-token-of-this-test')]).toEqual([401, 200]);
    expect(proxy.output).not.toContain('admin-token-of-this-test');
  });

  it('does what is asked for on the command line, for people and for programs', async () => {
    const pool = await stage.rawPool();
    const proxy = await stage.proxy({ poolPort: pool.port, proxy: { admin_token: TOKEN } });
    const { miner } = await stage.session(proxy, pool);
    miner.write('{"id":1,"method":"mining.authorize","params":["acme.\\u001b[31mrig","x"]}\n');
    const sessions = await proxy.command('sessions');
    expect(sessions).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^session +client +worker +source/) as string,
    });
    expect(sessions.text).not.toContain('\u001b');
    const listed = await proxy.command('sessions', '--format', 'json');
    expect((JSON.parse(listed.text) as { sessions: unknown[] }).sessions).toHaveLength(1);
    expect(await proxy.command('sessions', '--client-id', 'nobody')).toEqual({
      code: 0,
      text: 'no session is open\n',
    });
    expect((await proxy.command('pools')).text).toContain(`127.0.0.1:${pool.port}  up`);
    expect(await proxy.command('refused')).toEqual({ code: 0, text: 'nobody was turned away\n' });
    expect(await proxy.command('reload')).toEqual({ code: 0, text: 'nothing has changed\n' });
    expect(await proxy.command('pools', '--format', 'xml')).toMatchObject({ code: 64 });
  });

  it('says on the command line that no proxy answers', async () => {
    const pool = await stage.rawPool();
    const proxy = await stage.proxy({ poolPort: pool.port });
    await proxy.terminate();
    const { code, text } = await proxy.command('pools');
    expect([code, text]).toEqual([
      1,
      expect.stringContaining(`no proxy answers at 127.0.0.1:${proxy.httpPort}`),
    ]);
  });

  it('lists whom it turned away, with address and reason', async () => {
    const pool = await stage.rawPool();
    const proxy = await stage.proxy({ poolPort: pool.port, access: { deny_cidrs: ['127.0.0.0/8'] } });
    const miner = await stage.miner(proxy);
    await miner.closed;
    await proxy.counts('stratum_rejected_connections_total', { reason: 'denied' }, 1);
    const { body } = await httpGet({ port: proxy.httpPort, path: '/sessions/refused' });
    expect(JSON.parse(body)).toMatchObject({
      refused: [{ reason: 'denied', address: '127.0.0.1', count: 1 }],
    });
  });
});
