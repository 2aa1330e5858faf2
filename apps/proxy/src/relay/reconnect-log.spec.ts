import { RunningProxy } from '../testing/running-proxy';
import { TestLog } from '../testing/test-log';

const log = new TestLog();
let proxy: RunningProxy;

beforeEach(async () => {
  log.clear();
  proxy = await RunningProxy.start(log);
});
afterEach(() => proxy.stop());

const SUBMIT = '{"id":1,"method":"mining.submit","params":["acme.rig","j","","",""]}\n';
const reconnect = (...params: unknown[]) =>
  `${JSON.stringify({ id: null, method: 'client.reconnect', params })}\n`;
const lines = () => log.lines.filter(({ msg }) => msg === 'the pool sends miners elsewhere');

describe('the log of reconnect requests', () => {
  it('says whom the pool sends where, and the miner gets the bytes unchanged', async () => {
    const { miner, upstream } = await proxy.session();
    miner.write(SUBMIT);
    await upstream.receives(SUBMIT.length);
    const request = reconnect('elsewhere.test', 3334, 0);
    upstream.write(request);
    expect((await miner.receives(request.length)).toString()).toBe(request);
    const [session] = proxy.relay.openSessions;
    const { id: sessionId, poolHost } = session!;
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'warn',
        sessionId,
        clientId: 'acme',
        poolHost,
        target: 'elsewhere.test:3334',
        count: 1,
      }),
    ]);
  });

  it.each([
    ['leaves out both', [], '<same host>:<same port>'],
    ['leaves out the host', [null, 3334], '<same host>:3334'],
    ['writes to a terminal', ['\u001b[2J\nevil.test', 3334], '\\u{1b}[2J\\u{a}evil.test:3334'],
    ['goes on and on', ['x'.repeat(1_000), 3334], `${'x'.repeat(128)}…:3334`],
  ])('shows the target of a pool that %s, and no client where none is known', async (_, params, target) => {
    const { miner, upstream } = await proxy.session();
    const request = reconnect(...params);
    upstream.write(request);
    await miner.receives(request.length);
    expect(lines()).toMatchObject([{ clientId: null, target }]);
  });

  it('is one line for a pool that asks a thousand times', async () => {
    const { miner, upstream } = await proxy.session();
    const requests = reconnect('elsewhere.test', 3334).repeat(1_000);
    upstream.write(requests);
    await miner.receives(requests.length);
    expect((await proxy.ask('/metrics')).text).toMatch(/^stratum_reconnect_requests_total\{.*\} 1000$/m);
    expect(lines()).toHaveLength(1);
  });
});
