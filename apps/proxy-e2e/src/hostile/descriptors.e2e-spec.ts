import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { resolve } from 'node:path';
import {
  connectMiner,
  eventually,
  logIn,
  type ProxyProcess,
  type RawPeer,
  Stage,
  steady,
  submit,
  until,
} from '@mining-proxy/e2e-support';
import { Crowd, GenerousPool } from './support/crowd';
import { figure } from './support/figures';

const FEW = 200;
const MANY = 4_096;
/** 128 of the 200 are kept for the rest of the program; a session takes two. */
const ROOM = (FEW - 128) / 2;

/**
 * Guards the sessions inside while there is no file descriptor for another. On Linux, where a process can be given
 * few of them.
 */
(process.platform === 'linux' ? describe : describe.skip)('file descriptors', () => {
  const stage = new Stage();
  const callers: Socket[] = [];
  let pool: GenerousPool;

  beforeEach(async () => {
    pool = await GenerousPool.start();
  });
  afterEach(async () => {
    for (const caller of callers.splice(0)) caller.destroy();
    await stage.clear();
    await pool.kill();
  });

  it('are not used up: what does not fit is refused, and fits again when others have left', async () => {
    const preload = resolve(__dirname, 'support/few-descriptors.cjs');
    const proxy = await stage.proxy({
      poolPort: pool.port,
      proxy: { max_connections: 5_000 },
      env: { NODE_OPTIONS: `--require "${preload}"`, FEW_DESCRIPTORS: String(FEW) },
    });
    const warning = proxy.logs.find(({ level }) => level === 'warn');
    expect(warning).toMatchObject({ descriptorLimit: FEW, maxConnections: 5_000, possible: ROOM });

    const inside = await Promise.all(Array.from({ length: ROOM }, () => miner(proxy)));
    const { served, refused, ms } = await crowd(proxy, 1_000, 'fin');
    const page = await proxy.metrics();
    expect([served, refused]).toEqual([0, 1_000]);
    expect(page.by('stratum_rejected_connections_total', 'reason')).toEqual({ descriptors: 1_000 });
    expect(page.value('process_open_fds')).toBeLessThan(FEW);
    await allMine(inside, 3);
    for (let n = 0; n < 200; n += 1) callers.push(await silentCaller(proxy.httpPort));
    await allMine(inside, 5);

    for (const left of inside.splice(0, 10)) left.reset();
    await until('ten have gone', () => proxy.logsOf('session closed').length >= 10);
    const next = await Promise.all(Array.from({ length: 10 }, () => miner(proxy)));
    await allMine([...inside, ...next], 4);
    for (const caller of callers.splice(0)) caller.destroy();
    await eventually(async () => expect((await proxy.get('/healthz')).status).toBe(200));
    figure('no descriptors by our own count', {
      limit: FEW,
      inside: ROOM,
      refused,
      ms,
      open: page.value('process_open_fds'),
    });
  });

  it('may run out in the kernel: those inside mine on, the log stays short, and all is well when there are more', async () => {
    const proxy = await stage.proxy({ poolPort: pool.port, proxy: { max_connections: 1_000 } });
    const { pid } = proxy.program;
    const inside = await Promise.all(Array.from({ length: 20 }, () => miner(proxy)));
    const linesBefore = proxy.logs.length;
    const cpuBefore = (await proxy.metrics()).value('process_cpu_seconds_total');
    const startedAt = performance.now();

    // Room for a miner's socket and none for its pool: the dial fails.
    await leaveFree(pid, 1);
    const undialled = await crowd(proxy, 300, 'fin');
    for (let id = 10; id < 30; id += 1) await allMine(inside, id);

    // No room for anything: the accept fails.
    await leaveFree(pid, 0);
    const unaccepted = await crowd(proxy, 300, 'fin');
    for (let id = 30; id < 50; id += 1) await allMine(inside, id);

    limitTo(pid, MANY);
    await eventually(async () => expect((await proxy.get('/readyz')).status).toBe(200));
    const late = await until('a new miner comes in', () => miner(proxy).catch(() => undefined));
    await allMine([...inside, late], 99);
    const seconds = (performance.now() - startedAt) / 1_000;
    const page = await proxy.metrics();
    const faults = proxy.logs.slice(linesBefore).filter(({ level }) => level === 'error');
    figure('EMFILE from the kernel', {
      undialled: undialled.refused,
      unaccepted: unaccepted.refused,
      seconds,
      errorLines: faults.length,
      cpuSeconds: page.value('process_cpu_seconds_total') - cpuBefore,
      acceptFailed: page.value('stratum_rejected_connections_total', { reason: 'accept_failed' }),
      localLimit: page.value('stratum_session_closes_total', { code: 'LOCAL_LIMIT' }),
    });
    expect(undialled.refused + unaccepted.refused).toBeGreaterThan(500);
    expect(faults.length).toBeLessThanOrEqual(2 + seconds / 10);
  });

  async function miner(proxy: ProxyProcess): Promise<RawPeer> {
    const peer = await connectMiner(proxy.minerPort);
    await logIn(peer, 'acme.rig1');
    return peer;
  }

  async function crowd(proxy: ProxyProcess, count: number, ends: 'fin') {
    const many = Crowd.start({ port: proxy.minerPort, count, atOnce: 100, ends });
    return many.settled().finally(() => many.kill());
  }

  async function allMine(miners: readonly RawPeer[], id: number): Promise<void> {
    for (const each of miners) each.say(submit(id, 'acme.rig1'));
    for (const each of miners) expect(await each.messageWith(id)).toMatchObject({ result: true });
  }
});

/** The soft limit of a running process; the hard one stays, so that it can be raised again. */
function limitTo(pid: number, descriptors: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${descriptors}:`]);
}

/** A limit below which so many descriptors are free, once those of past requests and miners are. */
async function leaveFree(pid: number, free: number): Promise<void> {
  const used = () => readdirSync(`/proc/${pid}/fd`).map(Number);
  await steady(() => used().length);
  const taken = new Set(used());
  let limit = 0;
  for (let left = free; left > 0 || taken.has(limit); limit += 1) if (!taken.has(limit)) left -= 1;
  limitTo(pid, limit);
}

/** Holds a connection to the HTTP side, or tries to. */
async function silentCaller(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => socket.destroy());
  socket.resume();
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}
