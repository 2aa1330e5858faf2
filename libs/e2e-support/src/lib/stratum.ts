import type { RawPeer } from './raw-peer';

/** What a miner says, as most devices say it. */
export const subscribe = (id: number) => ({ id, method: 'mining.subscribe', params: ['e2e/1.0'] });
export const authorize = (id: number, worker: string, password = 'x') => ({
  id,
  method: 'mining.authorize',
  params: [worker, password],
});
export const submit = (id: number | string, worker: string, job = 'j1') => ({
  id,
  method: 'mining.submit',
  params: [worker, job, '00000000', '65f00000', '12345678'],
});

/** What a pool says. */
export const answer = (id: unknown, result: unknown, error: unknown = null) => ({ id, result, error });
export const subscribed = (id: unknown) =>
  answer(id, [
    [
      ['mining.set_difficulty', 's1'],
      ['mining.notify', 's1'],
    ],
    '08000002',
    4,
  ]);
export const difficulty = (value: number) => ({ id: null, method: 'mining.set_difficulty', params: [value] });
export const notify = (job: string) => ({
  id: null,
  method: 'mining.notify',
  params: [job, '00'.repeat(32), '01000000', 'ffffffff', [], '20000000', '1d00ffff', '65f00000', true],
});

/** Says whether the share of this id is taken; undefined leaves it unanswered. */
export type ShareJudge = (id: unknown, params: readonly unknown[]) => object | undefined;

const ACCEPT: ShareJudge = (id) => answer(id, true);

/** Makes the peer a pool that lets everybody in at difficulty 1 with job `j1`, and judges shares as told. */
export function playPool(peer: RawPeer, judge: ShareJudge = ACCEPT): void {
  peer.onLine((line) => {
    const { id, method, params } = JSON.parse(line) as { id: unknown; method: string; params: unknown[] };
    if (method === 'mining.subscribe') peer.say(subscribed(id));
    else if (method === 'mining.authorize') {
      for (const message of [answer(id, true), difficulty(1), notify('j1')]) peer.say(message);
    } else if (method === 'mining.submit') {
      const verdict = judge(id, params);
      if (verdict) peer.say(verdict);
    }
  });
}

/** Subscribes and logs in; resolves when the pool has answered both. For pools that send a job after the login. */
export async function logIn(miner: RawPeer, worker: string, password = 'x'): Promise<void> {
  miner.say(subscribe(1));
  await miner.messageWith(1);
  miner.say(authorize(2, worker, password));
  await miner.messageWith(2);
}
