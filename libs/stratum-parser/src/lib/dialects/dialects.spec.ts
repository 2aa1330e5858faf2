import { StratumInspector } from '../..';
import type { StratumEvent } from '../..';
import { EventTally } from '../../testing';
import { AGENT_DIALECT, DIALECTS } from './registry';

class Session {
  readonly tally = new EventTally();
  readonly inspector = new StratumInspector({}, this.tally);

  up(...messages: readonly unknown[]): this {
    for (const message of messages) this.write('to_upstream', message);
    return this;
  }

  down(...messages: readonly unknown[]): this {
    for (const message of messages) this.write('to_downstream', message);
    return this;
  }

  last(): StratumEvent | undefined {
    return this.tally.events.at(-1);
  }

  private write(direction: 'to_upstream' | 'to_downstream', message: unknown): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    this.inspector.chunk(direction, Buffer.from(`${text}\n`));
  }
}

function notify(...params: readonly unknown[]): unknown {
  return { id: null, method: 'mining.notify', params };
}

const H8 = '1b00f1e6';
const H64 = 'ab'.repeat(32);
const X64 = `0x${H64}`;
const T64 = `0000000f${'f'.repeat(56)}`;
const HASHES = 2 ** 28;

describe('the shape of a job', () => {
  it.each([
    ['stratum1', [H8, H64, '01', '02', [], H8, H8, H8, true], 2 ** 32],
    ['ethstratum0', [H8, H64, H64, T64, true], HASHES],
    ['ethstratum0', [H8, X64, X64, `0x${T64}`], HASHES],
    ['ethstratum1', [H8, H64, H64, false], 2 ** 32],
    ['kawpow', [H8, H64, H64, '0000000fff', true, 12, H8], 2 ** 64 / 0x0000000fff000000],
    ['kaspa', [H8, [1, 2, 3, 4], 1_670_000_000_000], 2 ** 32],
    ['kaspa', [H8, 'ab'.repeat(40)], 2 ** 32],
    ['ergo', [H8, 12, H64, '', '', H8, (2n ** 228n - 1n).toString(), '', true], HASHES],
    ['conflux', ['0x1', '2302785', X64, `0x${T64.slice(6)}`], HASHES],
    ['ckb', [H8, H64, 12, H64, true], null],
    ['sia', ['49', `${X64}${H64}`, `0x${T64}`], HASHES],
    ['handshake', ['2', H64, H64, H64, H64, H64, H8, H8, H8, H64], 2 ** 32],
    ['handshake', ['2', H64, [H64], H64, H64, H8, H8, H8], 2 ** 32],
    ['zcash', ['1f', '04000000', H64, H64, H64, H8, H8, true], null],
    ['zcash', ['d7', 1, H64, true], null],
    ['xelis', ['ab12', '18f', H64, 'xel/0', true], 2 ** 32],
    ['alephium', [{ jobId: '1c', fromGroup: 0, toGroup: 3, targetBlob: T64 }], HASHES * 16],
  ])('says %s: %j', (dialect, params, hashes) => {
    const session = new Session()
      .up({ id: 1, method: 'mining.subscribe', params: [] })
      .down(notify(...params));
    expect(session.inspector.dialect).toBe(dialect);
    const told = session.last() as { kind: string; hashes: number | null };
    expect(told.kind).toBe('notify');
    if (hashes === null) expect(told.hashes).toBeNull();
    else expect(told.hashes! / hashes).toBeCloseTo(1, 6);
  });

  it('overrides the first request, and nothing overrides it', () => {
    const session = new Session().up({
      id: 1,
      method: 'mining.subscribe',
      params: ['x', 'EthereumStratum/1.0.0'],
    });
    expect(session.inspector.dialect).toBe('ethstratum1');
    session.down(notify('7', 'ab'.repeat(40)));
    expect(session.inspector.dialect).toBe('kaspa');
    session.down(notify(H8, H64, '01', '02', [], H8, H8, H8, true));
    expect(session.inspector.dialect).toBe('kaspa');
    const told = session.tally.events.flatMap((event) => (event.kind === 'dialect' ? [event.dialect] : []));
    expect(told).toEqual(['ethstratum1', 'kaspa']);
  });

  it('that nobody knows is a job all the same, at the difficulty announced last', () => {
    const session = new Session().up({ id: 1, method: 'mining.subscribe', params: [] });
    session.down({ id: null, method: 'mining.set_difficulty', params: [8] }, notify('k1', H64, 'x', 1));
    expect(session.last()).toMatchObject({ kind: 'notify', job: 'k1', hashes: 8 * 2 ** 32 });
    expect(session.inspector.dialect).toBe('stratum1');
  });

  it('is JSON at least where no dialect is listed', () => {
    const session = new Session().up({ id: 1, method: 'hello', params: {} });
    expect(session.inspector.dialect).toBe('json');
    session.down({ method: 'job', params: { jobId: 5 } }).up({ id: 2, method: 'submit', params: ['w', 5] });
    expect(session.last()).toMatchObject({ kind: 'submit', share: { worker: null, job: '5', hashes: null } });
    session.down({ id: 2, result: true });
    expect(session.tally).toMatchObject({ accepted: 1, work: 0, jobs: 1 });
  });
});

describe('what is worth no work', () => {
  it.each(['', '0x', '00', 'zz', 'f'.repeat(65), null, {}, 5])('is a target of %j', (target) => {
    const session = new Session().up({ id: 1, method: 'mining.subscribe', params: [] });
    session.down({ id: null, method: 'mining.set_difficulty', params: [8] });
    session.down({ id: null, method: 'mining.set_target', params: [target] }, notify('j1', H64));
    session.up({ id: 4, method: 'mining.submit', params: ['a', 'j1', '0'] }).down({ id: 4, result: true });
    expect(session.last()).toMatchObject({ outcome: 'accepted', share: { hashes: null, difficulty: null } });
  });

  it.each([
    { target: '00000000' },
    { target: 'x' },
    { target: 5 },
    { target_diff: -1 },
    { target_diff: 'x' },
  ])('is a CryptoNote job with %j', (job) => {
    const session = new Session().up({ id: 1, method: 'login', params: { login: 'w' } });
    session.down({ method: 'job', params: { job_id: '1', ...job } });
    expect(session.last()).toMatchObject({ kind: 'notify', job: '1', hashes: null });
  });

  it.each([-1, 2 ** 32, 1.5, 'x', null])('is a Beam job of difficulty %j', (difficulty) => {
    const session = new Session().down({ id: '1', method: 'job', input: '00', difficulty });
    expect(session.last()).toMatchObject({ kind: 'notify', job: '1', hashes: null });
  });
});

describe('CryptoNote', () => {
  const login = {
    id: 1,
    jsonrpc: '2.0',
    method: 'login',
    params: { login: 'acc.rig', pass: 'x', agent: 'a' },
  };

  it('takes the job out of the answer to the login', () => {
    const session = new Session().up(login);
    session.down({
      id: 1,
      error: null,
      result: { id: 's1', job: { job_id: 'j', target: 'b88d0600' }, status: 'OK' },
    });
    expect(session.tally.events.slice(-2)).toMatchObject([
      { kind: 'response', to: 'authorize', outcome: 'ok', worker: 'acc.rig', status: 'OK' },
      { kind: 'notify', job: 'j', hashes: 10_000, notification: false },
    ]);
    expect(session.tally).toMatchObject({ jobs: 1, notifications: 0 });
  });

  it.each([
    [{ target: 'c5a7' }, Math.floor((2 ** 32 - 1) / 0xa7c5)],
    [{ target: '711b0d00' }, 5000],
    [{ target: 'ffffffffff7f0000' }, 131_072],
    [{ target: 'ffffffff', target_diff: 7000, difficulty: 3e11 }, 7000],
  ])('reads the difficulty of %j', (job, hashes) => {
    const session = new Session().down({ method: 'job', params: { job_id: 'j', ...job } });
    expect(session.last()).toMatchObject({ hashes, difficulty: hashes });
  });

  it('answers getjob with a job', () => {
    const session = new Session().up(login, { id: 2, method: 'getjob', params: { id: 's1' } });
    session.down({ id: 2, result: { job_id: 'j', target: 'b88d0600' } });
    expect(session.last()).toMatchObject({ kind: 'notify', answersGetwork: true, notification: false });
    expect(session.inspector.pendingCount).toBe(1);
  });

  it('books a share on the login whose session it names', () => {
    const session = new Session().up(login, { ...login, id: 2, params: { login: 'other' } });
    session.down(
      { id: 1, result: { id: 's1', status: 'OK' } },
      { id: 2, result: { id: 's2', status: 'OK' } },
    );
    session.up({ id: 3, method: 'submit', params: { id: 's1', job_id: 'j' } });
    expect(session.last()).toMatchObject({ share: { worker: 'acc.rig', authorized: true } });
  });
});

describe('eth-proxy', () => {
  const work = (id: unknown) => ({
    id,
    jsonrpc: '2.0',
    result: [`0x${'AB'.repeat(32)}`, X64, `0x${T64}`, '0x1'],
  });

  it('knows a job by its header however it is spelled', () => {
    const session = new Session()
      .down(work(0))
      .up({ id: 4, method: 'eth_submitWork', params: ['0x1', X64, X64] });
    expect(session.last()).toMatchObject({ share: { job: H64, difficulty: null } });
    expect((session.last() as { share: { hashes: number } }).share.hashes).toBeCloseTo(HASHES, 0);
  });

  it('never lets a push settle a share or a login', () => {
    const session = new Session().up(
      { id: 0, method: 'eth_submitLogin', params: ['0xabc'] },
      { id: 0, method: 'eth_submitWork', params: ['0x1', X64, X64] },
    );
    session.down(work(0));
    expect(session.inspector).toMatchObject({ pendingCount: 2, inFlight: 1 });
  });

  it('books a share on the rig that it names, under the login', () => {
    const session = new Session().up({
      id: 1,
      method: 'eth_submitLogin',
      params: ['0xabc.farm', 'x'],
      worker: 'rig1',
    });
    session.up({ id: 2, method: 'eth_submitWork', params: ['0x1', X64, X64], worker: 'rig2' });
    expect(session.last()).toMatchObject({
      share: { worker: '0xabc.farm.rig2', login: { text: '0xabc.farm', rig: 'rig2' } },
    });
    session.up({ id: 2, method: 'eth_submitWork', params: ['0x1', X64, X64], worker: '' });
    expect(session.last()).toMatchObject({ share: { worker: '0xabc.farm.rig1' } });
  });

  it('rejects what is true and an error at the same time', () => {
    const session = new Session().up({ id: 2, method: 'eth_submitWork', params: ['0x1', X64, X64] });
    session.down({ id: 2, result: true, error: { code: -1, message: 'High rate of invalid shares' } });
    expect(session.last()).toMatchObject({ outcome: 'rejected', reason: 'banned' });
  });
});

describe('EthereumStratum/2', () => {
  const hello = { id: 0, method: 'mining.hello', params: { agent: 'a', proto: 'EthereumStratum/2.0.0' } };

  it('maps the tokens of several workers', () => {
    const session = new Session().up(hello);
    for (const [id, name] of [
      ['1', 'acc.one'],
      ['2', 'acc.two'],
    ]) {
      session.up({ id, method: 'mining.authorize', params: [name, 'x'] }).down({ id, result: `w-${id}` });
    }
    session.up({ id: 5, method: 'mining.submit', params: ['j', '00', 'w-1'] });
    expect(session.last()).toMatchObject({
      share: { worker: 'acc.one', job: 'j', hashes: 4295032833.000015 },
    });
    session.down({ id: 5 });
    expect(session.last()).toMatchObject({ outcome: 'accepted', stale: false });
  });

  it('changes with mining.set only what is in it, from the next job on', () => {
    const session = new Session()
      .up(hello)
      .down({ method: 'mining.set', params: { target: T64 } }, notify('j1', '1', H64, '0'));
    session.down(
      { method: 'mining.set', params: { extranonce: 'af' } },
      { method: 'mining.set', params: { epoch: '1' } },
    );
    session.up({ id: 5, method: 'mining.submit', params: ['j1', '00', 'w'] });
    expect((session.last() as { share: { hashes: number } }).share.hashes).toBeCloseTo(HASHES, 0);
    expect(session.tally.notifications).toBe(4);
  });
});

describe('Alephium', () => {
  it('knows the jobs of all chains, for a while', () => {
    const session = new Session();
    const jobs = (round: number) =>
      Array.from({ length: 16 }, (_, chain) => ({
        jobId: `${round}-${chain}`,
        targetBlob: round === 0 ? T64 : H64,
      }));
    for (let round = 0; round < 15; round += 1) session.down(notify(...jobs(round)));
    session.up({
      id: 5,
      method: 'mining.submit',
      params: { jobId: '0-15', worker: '1Addr.rig', nonce: '00' },
    });
    const { share } = session.last() as { share: { hashes: number; worker: string } };
    expect(share.worker).toBe('1Addr.rig');
    expect(share.hashes).toBeCloseTo(HASHES * 16, 0);
    expect(session.tally).toMatchObject({ jobs: 15, notifications: 15 });
  });
});

describe('Iron Fish', () => {
  const subscribe = {
    id: 0,
    method: 'mining.subscribe',
    body: { version: 3, publicAddress: 'addr', name: 'rig' },
  };

  it('takes the subscription for the login', () => {
    const session = new Session()
      .up(subscribe)
      .down({ id: 7, method: 'mining.subscribed', body: { clientId: 1 } });
    expect(session.last()).toMatchObject({
      kind: 'response',
      to: 'subscribe',
      outcome: 'ok',
      worker: 'addr.rig',
    });
    expect(session.inspector.workers).toEqual(['addr.rig']);
  });

  it('never matches the pool’s own ids with a share', () => {
    const session = new Session().up(subscribe, {
      id: 1,
      method: 'mining.submit',
      body: { miningRequestId: 5 },
    });
    session.down(
      { id: 1, result: true },
      { id: 1, method: 'mining.submitted', body: { id: 9, result: true } },
    );
    expect(session.tally).toMatchObject({ accepted: 0, orphans: 2 });
    session.down({ id: 9, method: 'mining.submitted', body: { id: 1, result: true } });
    expect(session.tally.accepted).toBe(1);
  });
});

describe('Grin', () => {
  it('matches answers of one id by the method that they repeat', () => {
    const session = new Session().up(
      { id: '0', method: 'login', params: { login: 'w', pass: 'x' } },
      { id: '0', method: 'submit', params: { job_id: 5, nonce: 1, pow: [1] } },
      { id: '0', method: 'keepalive', params: null },
    );
    session.down({ id: '0', method: 'keepalive', result: 'ok', error: null });
    expect(session.last()).toMatchObject({ to: 'keepalive', outcome: 'ok' });
    session.down({ id: '0', method: 'submit', result: 'ok', error: null });
    expect(session.last()).toMatchObject({ to: 'submit', outcome: 'accepted' });
    session.down({ id: '0', method: 'submit', result: 'ok', error: null });
    expect(session.last()).toMatchObject({ outcome: 'orphan' });
  });
});

describe('Beam', () => {
  it('reads btcpool, which answers with numbers and negated codes', () => {
    const session = new Session().up({ method: 'login', api_key: 'k', id: 'login' });
    session.down({ id: 'login', method: 'result', code: -32003, description: 'Login failed' });
    expect(session.last()).toMatchObject({
      to: 'authorize',
      outcome: 'error',
      reason: 'unauthorized',
      code: -32003,
    });
    session
      .up({ id: '212', method: 'solution' })
      .down({ id: 212, method: 'result', code: -22, description: '' });
    expect(session.last()).toMatchObject({ to: 'submit', outcome: 'rejected', reason: 'duplicate' });
    session.up({ id: '212', method: 'solution' }).down({ id: '212', method: 'result' });
    expect(session.last()).toMatchObject({ to: 'submit', outcome: 'unknown' });
  });
});

describe('Ergo', () => {
  it('multiplies the target by a difficulty that is announced as well', () => {
    const session = new Session().down({ id: null, method: 'mining.set_difficulty', params: [4] });
    const job = ['1', 12, H64, '', '', H8, (2n ** 228n - 1n).toString(), '', true];
    session.down(notify(...job), notify(...job));
    expect(session.last()).toMatchObject({ hashes: HASHES / 4, difficulty: null });
  });
});

describe('hostile messages', () => {
  const names = ['__proto__', 'constructor', 'toString'];
  const methods = [
    'mining.submit',
    'submit',
    'login',
    'solution',
    'eth_submitWork',
    'mining.notify',
    'job',
    'result',
    'mining.set',
  ];
  const values: readonly unknown[] = [
    null,
    [],
    {},
    [[]],
    [null, null, null],
    { id: {}, job_id: [], jobId: {} },
    'x',
    1e300,
    ...names,
  ];

  it.each([...DIALECTS, AGENT_DIALECT].map((rules) => [rules.name, rules] as const))(
    'never throw in %s',
    (_, rules) => {
      for (const method of [...methods, ...names]) {
        for (const params of values) {
          for (const direction of ['to_upstream', 'to_downstream'] as const) {
            const session = new Session();
            const message = {
              id: 1,
              method,
              params,
              body: params,
              input: params,
              result: params,
              error: params,
              code: params,
            };
            if (direction === 'to_upstream') session.up(message);
            else session.down(message, { id: 1, result: params, error: params });
            expect(
              rules.evidence(direction, { type: 'request', id: 1, method, params, fields: message }, null),
            ).toEqual(expect.any(String));
            session.inspector.close();
            expect(session.tally.submits).toBe(session.tally.unanswered);
          }
        }
      }
    },
  );
});
