import {
  authorize,
  connectMiner,
  eventually,
  type ProxyProcess,
  type RawPeer,
  Stage,
  subscribe,
  until,
} from '@mining-proxy/e2e-support';

const host = process.env.TEST_POOL_HOST ?? '';
const port = Number(process.env.TEST_POOL_PORT ?? '');
const worker = process.env.TEST_POOL_WORKER ?? 'mining-proxy-test.rig1';
const password = process.env.TEST_POOL_PASSWORD ?? 'x';
const given = host !== '' && Number.isInteger(port) && port > 0;

/** Pools far away take their time, and some send their first job late. */
const PATIENCE_MS = 45_000;

if (!given) {
  process.stderr.write(
    'integration: skipped, because TEST_POOL_HOST and TEST_POOL_PORT do not name a pool\n',
  );
}

/** The same promises in front of a pool that is not of this project's making. No share is submitted. */
(given ? describe : describe.skip)(`a session through the proxy with ${host}:${port}`, () => {
  const stage = new Stage();
  let proxy: ProxyProcess;
  let miner: RawPeer;

  beforeAll(async () => {
    proxy = await stage.proxy({ poolHost: host, poolPort: port });
    miner = await connectMiner(proxy.minerPort);
  }, PATIENCE_MS);
  afterAll(async () => {
    miner.destroy();
    await stage.clear();
  });

  it('subscribes, logs in and gets a job', async () => {
    miner.say(subscribe(1));
    const subscription = await answerTo(1);
    expect(subscription.error ?? null).toBeNull();
    expect(subscription.result).toEqual([expect.anything(), expect.any(String), expect.any(Number)]);
    miner.say(authorize(2, worker, password));
    expect(await answerTo(2)).toMatchObject({ result: true });
    await eventually(() => expect(announcements('mining.notify')).not.toBe(0), PATIENCE_MS);
  });

  it('counts what was said, to the byte', async () => {
    await eventually(async () => {
      const page = await proxy.metrics();
      expect(page.value('stratum_bytes_sent_total')).toBe(miner.socket.bytesWritten);
      expect(page.value('stratum_bytes_received_total')).toBe(miner.receivedBytes);
      expect(page.value('stratum_jobs_total')).toBe(announcements('mining.notify'));
      expect(page.value('stratum_notifications_total')).toBe(announcements());
    });
    const page = await proxy.metrics();
    expect(page.value('stratum_active_connections', { client_id: worker.split('.')[0] ?? '' })).toBe(1);
    expect(page.value('stratum_submits_total')).toBe(0);
    expect(page.value('stratum_unparsed_lines_total')).toBe(0);
    expect(page.value('stratum_pool_up', { pool_host: proxy.poolHost })).toBe(1);
    expect(page.value('stratum_request_response_seconds_count')).toBe(2);
  });

  it('ends in order and delivers every byte', async () => {
    miner.end();
    await until('the session is closed', () => proxy.logsOf('session closed')[0], PATIENCE_MS);
    expect(proxy.logsOf('session closed')).toMatchObject([
      { undeliveredToUpstream: 0, undeliveredToDownstream: 0, bytesToUpstream: miner.socket.bytesWritten },
    ]);
  });

  async function answerTo(id: number): Promise<Record<string, unknown>> {
    return until(
      `the pool's answer to request ${id}`,
      () => messages().find((each) => each.id === id),
      PATIENCE_MS,
    );
  }

  function messages(): Record<string, unknown>[] {
    return miner.lines().map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Messages of the pool that are no answers: all of them, or those of one method. */
  function announcements(method?: string): number {
    return messages().filter((each) =>
      method === undefined ? each.method !== undefined : each.method === method,
    ).length;
  }
});
