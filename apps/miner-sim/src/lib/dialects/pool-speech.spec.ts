import { createHash } from 'node:crypto';
import { readMessage, type Request } from '../message';
import { FakePort } from '../testing/fake-port';
import type { DialectName } from './dialect-name';
import { poolDialect, recogniseDialect } from './pool-dialects';

/** Lines as miners and pools of the field write them, and shares worked out here, without the simulator's code. */
const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const hex = (text: unknown): Buffer => Buffer.from(String(text).replace('0x', ''), 'hex');
const anyText = expect.any(String) as unknown;
const numbered = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0');

/** 16 hashes a share: half a byte of zeros. */
const DIFFICULTY = 16 / 2 ** 32;

function asked(line: object): Request {
  const message = readMessage(JSON.stringify(line));
  if (message?.kind !== 'request') throw new Error('not a request');
  return message;
}

function connect(dialect: DialectName) {
  const port = new FakePort(DIFFICULTY);
  const speech = poolDialect(dialect).speak(port);
  port.jobLine = (job) => speech.jobLine(job, true);
  /** What is said to a request; the answer to a submit is made from its verdict. */
  const say = (line: object): unknown[] => {
    speech.handle(asked(line));
    for (const { id, verdict } of port.settled.splice(0)) {
      port.say(verdict.kind === 'accepted' ? speech.acceptance(id) : speech.refusal(id, verdict));
    }
    return port.heard();
  };
  return { port, speech, say };
}

/** The first number whose hash does, or does not, meet 16 hashes a share; `top` is its leading byte. */
function search(top: (n: number) => number, meets: boolean): number {
  for (let n = 0; ; n += 1) if (top(n) < 16 === meets) return n;
}

describe('recogniseDialect', () => {
  it.each([
    ['stratum1', { id: 1, method: 'mining.subscribe', params: ['cgminer/4.11.1'] }],
    ['stratum1', { id: 0, method: 'mining.configure', params: [['version-rolling'], {}] }],
    ['stratum1', { id: 1, method: 'mining.subscribe', params: ['NiceHash/1.0.0', '1662637786319', 'aa'] }],
    [
      'ethstratum1',
      { id: 1, method: 'mining.subscribe', params: ['PhoenixMiner/5.9d', 'EthereumStratum/1.0.0'] },
    ],
    ['ethproxy', { id: 1, method: 'eth_submitLogin', params: ['0x00d8', 'x'], worker: 'rig1' }],
    ['cryptonote', { id: 1, method: 'login', params: { login: '48ed', pass: 'x', agent: 'XMRig' } }],
    [undefined, { id: 1, method: 'login', params: ['0x00d8'] }],
    [undefined, { id: 'login', method: 'login', api_key: 'skj' }],
  ])('hears %s in a first request', (name, request) => {
    expect(recogniseDialect(asked(request))?.name).toBe(name);
  });
});

describe('ethstratum1', () => {
  function loggedIn() {
    const pool = connect('ethstratum1');
    const [subscription] = pool.say({
      id: 1,
      method: 'mining.subscribe',
      params: ['EthereumMiner/1.0.0', 'EthereumStratum/1.0.0'],
    });
    const login = pool.say({ id: 3, method: 'mining.authorize', params: ['acme.rig1', 'x'] });
    const {
      params: [job, , header],
    } = login[2] as { params: string[] };
    const submit = (nonce: unknown, worker = 'acme.rig1', jobId: unknown = job) =>
      pool.say({ id: 244, method: 'mining.submit', params: [worker, jobId, nonce] })[0];
    const top = (n: number) => sha256(sha256(hex(header), hex('000007'), hex(numbered(n, 5))))[0] ?? 0;
    const nonce = (meets: boolean) => numbered(search(top, meets), 5);
    return { ...pool, subscription, login, submit, nonce };
  }

  it('opens as NiceHash does', () => {
    const { subscription, login } = loggedIn();
    expect(subscription).toEqual({
      id: 1,
      result: [['mining.notify', anyText, 'EthereumStratum/1.0.0'], '000007'],
      error: null,
    });
    expect(login).toEqual([
      { id: 3, result: true, error: null },
      { id: null, method: 'mining.set_difficulty', params: [DIFFICULTY] },
      {
        id: null,
        method: 'mining.notify',
        params: ['1', expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/), true],
      },
    ]);
  });

  it('accepts a nonce behind the extranonce, once', () => {
    const { submit, nonce } = loggedIn();
    expect(submit(nonce(true))).toEqual({ id: 244, result: true, error: null });
    expect(submit(nonce(true))).toEqual({ id: 244, result: false, error: [2, 'Duplicate share', null] });
  });

  it('refuses in the words of NiceHash', () => {
    const { submit, nonce, say, port } = loggedIn();
    const good = nonce(true);
    const no = (code: number, text: string): object => ({
      id: 244,
      result: false,
      error: [code, text, null],
    });
    expect(submit(nonce(false))).toEqual(no(2, 'Share above target'));
    expect(submit(good, 'acme.rig2')).toEqual(no(24, 'Unauthorized worker'));
    expect(submit(good, 'acme.rig1', '77')).toEqual(no(2, 'Job not found'));
    for (const wrong of ['', 'zz', 7, `${good}00`])
      expect(submit(wrong)).toEqual(no(20, 'Incorrect size of nonce'));
    port.context.board.renew(true);
    expect(submit(good)).toEqual(no(2, 'Job not found'));
    expect(say({ id: 9, method: 'eth_getWork', params: [] })[0]).toMatchObject({
      error: [-3, anyText, null],
    });
    const stranger = connect('ethstratum1');
    const params = ['acme.rig1', '1', good];
    expect(stranger.say({ id: 244, method: 'mining.submit', params })[0]).toEqual(no(25, 'Not subscribed'));
  });
});

describe('ethproxy', () => {
  function loggedIn() {
    const pool = connect('ethproxy');
    const login = pool.say({ id: 1, method: 'eth_submitLogin', params: ['acme', 'x'], worker: 'rig1' });
    const [work] = pool.say({ id: 5, method: 'eth_getWork', params: [] });
    const [header] = (work as { result: string[] }).result;
    const mix = (n: number) => sha256(hex(header), hex(numbered(n, 8)));
    const top = (n: number) => sha256(mix(n))[0] ?? 0;
    const params = (meets: boolean): string[] => {
      const n = search(top, meets);
      return [`0x${numbered(n, 8)}`, String(header), `0x${mix(n).toString('hex')}`];
    };
    const submit = (share: readonly unknown[], worker: unknown = 'rig1') =>
      pool.say({ id: 40, method: 'eth_submitWork', params: share, worker })[0];
    return { ...pool, login, work, params, submit };
  }
  const failed = (code: number, message: string): object => ({
    id: 40,
    jsonrpc: '2.0',
    result: null,
    error: { code, message },
  });
  const inData = (code: number, message: string): object => ({
    id: 40,
    jsonrpc: '2.0',
    result: false,
    data: { code, message },
  });

  it('opens as ethminer expects, with the boundary in the job', () => {
    const { login, work, port, speech } = loggedIn();
    expect(login).toEqual([{ id: 1, jsonrpc: '2.0', result: true }]);
    const hash = expect.stringMatching(/^0x[0-9a-f]{64}$/) as unknown;
    const result = [hash, hash, `0x0${'f'.repeat(63)}`, expect.stringMatching(/^0x[0-9a-f]+$/)];
    expect(work).toEqual({ id: 5, jsonrpc: '2.0', result });
    const pushed: unknown = JSON.parse(String(speech.jobLine(port.context.board.current, false)));
    expect(pushed).toEqual({ ...(work as object), id: 0 });
  });

  it('accepts a nonce with its mix, once, however its hex is written', () => {
    const { params, submit } = loggedIn();
    const share = params(true);
    expect(submit(share)).toEqual({ id: 40, jsonrpc: '2.0', result: true });
    expect(submit(share.map((part) => `0x${part.slice(2).toUpperCase()}`))).toEqual(
      failed(22, 'Duplicate share'),
    );
  });

  it('refuses in the words of the pools that speak it', () => {
    const { params, submit, port } = loggedIn();
    const share = params(true);
    expect(submit(params(false))).toEqual(inData(23, 'Low difficulty'));
    expect(submit(share, 'rig2')).toEqual(inData(24, 'Unauthorized worker'));
    expect(submit(share.with(2, `0x${'0'.repeat(64)}`))).toEqual(failed(23, 'Invalid share'));
    expect(submit(share.with(1, `0x${'0'.repeat(64)}`))).toEqual(inData(36, 'Job not found'));
    expect(submit(share.with(0, '0x12'))).toEqual(failed(-1, 'Malformed PoW result'));
    port.context.board.renew(true);
    expect(submit(share)).toEqual(failed(-32700, 'Work not found'));
    const stranger = connect('ethproxy');
    const line = { id: 40, method: 'eth_submitWork', params: share };
    expect(stranger.say(line)[0]).toEqual(failed(25, 'Not subscribed'));
  });

  it('takes a submit without a rig for the last login, and answers a hashrate', () => {
    const { port, speech, say, params } = loggedIn();
    speech.handle(asked({ id: 40, method: 'eth_submitWork', params: params(true) }));
    expect(port.settled[0]).toMatchObject({ worker: 'acme.rig1', verdict: { kind: 'accepted' } });
    port.settled.length = 0;
    expect(say({ id: 9, method: 'eth_submitHashrate', params: ['0x1', '0x2'] })).toEqual([
      { id: 9, jsonrpc: '2.0', result: true },
    ]);
  });
});

describe('cryptonote', () => {
  function loggedIn() {
    const pool = connect('cryptonote');
    const [login] = pool.say({
      id: 1,
      method: 'login',
      params: { login: 'acme.rig1', pass: 'x', agent: 'XMRig/6.21.0' },
    });
    const { id: session, job } = (login as { result: { id: string; job: Record<string, string> } }).result;
    const blob = hex(job.blob);
    const nonce = (n: number) => Buffer.from(numbered(n, 4), 'hex');
    const result = (n: number) => sha256(sha256(blob.subarray(0, 39), nonce(n), blob.subarray(43)));
    const top = (n: number) => result(n)[31] ?? 0;
    const share = (meets: boolean): Record<string, unknown> => {
      const n = search(top, meets);
      const [digits, hash] = [nonce(n).toString('hex'), result(n).toString('hex')];
      return { id: session, job_id: job.job_id, nonce: digits, result: hash };
    };
    const submit = (params: object) => pool.say({ id: 2, jsonrpc: '2.0', method: 'submit', params })[0];
    return { ...pool, login, job, session, share, submit };
  }
  const no = (message: string): object => ({ id: 2, jsonrpc: '2.0', error: { code: -1, message } });

  it('opens as xmrig expects, with the job in the answer to the login', () => {
    const { login, job, port, speech } = loggedIn();
    expect(login).toMatchObject({ id: 1, jsonrpc: '2.0', error: null, result: { status: 'OK' } });
    expect(job).toMatchObject({ job_id: '1', target: 'ffffff0f', algo: 'rx/0' });
    expect(hex(job.blob)).toHaveLength(76);
    const pushed: unknown = JSON.parse(String(speech.jobLine(port.context.board.current, false)));
    expect(pushed).toEqual({ jsonrpc: '2.0', method: 'job', params: job });
  });

  it('gives each connection a blob of its own', () => {
    const { job, port, speech } = loggedIn();
    const other = poolDialect('cryptonote').speak(new FakePort(DIFFICULTY, 8));
    const { current } = port.context.board;
    expect(String(other.jobLine(current, false))).not.toContain(job.blob);
    expect(String(speech.jobLine(current, false))).toContain(job.blob);
  });

  it('accepts a nonce with its hash, once', () => {
    const { share, submit } = loggedIn();
    expect(submit(share(true))).toEqual({ id: 2, jsonrpc: '2.0', error: null, result: { status: 'OK' } });
    expect(submit(share(true))).toEqual(no('Duplicate share'));
  });

  it('refuses in the words of Monero pools', () => {
    const { share, submit, port } = loggedIn();
    const good = share(true);
    expect(submit(share(false))).toEqual(no('Low difficulty share'));
    expect(submit({ ...good, id: 'somebody' })).toEqual(no('Unauthenticated'));
    expect(submit({ ...good, job_id: 'nope' })).toEqual(no('Invalid job id'));
    expect(submit({ ...good, nonce: 'zz' })).toEqual(no('Malformed nonce'));
    expect(submit({ ...good, result: '0'.repeat(64) })).toEqual(no('Rejected share: invalid result'));
    port.context.board.renew(true);
    expect(submit(good)).toEqual(no('Block expired'));
    expect(connect('cryptonote').say({ id: 2, method: 'submit', params: good })[0]).toEqual(
      no('Unauthenticated'),
    );
  });

  it('keeps alive, gives the job again and turns nobody in', () => {
    const { say, session, job } = loggedIn();
    expect(say({ id: 3, method: 'keepalived', params: { id: session } })[0]).toMatchObject({
      result: { status: 'KEEPALIVED' },
    });
    expect(say({ id: 4, method: 'getjob', params: { id: session } })[0]).toMatchObject({
      id: 4,
      result: job,
    });
    const [refused] = connect('cryptonote').say({ id: 2, method: 'login', params: { pass: 'x' } });
    expect(refused).toEqual(no('Invalid payment address provided'));
  });
});
