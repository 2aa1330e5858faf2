import type { MeteredSession, Meters } from '@mining-proxy/billing';
import type { SessionEnd, SessionView } from '@mining-proxy/relay';

export const POOL_HOST = '127.0.0.1:3333';

let count = 0;

/** A session's facts as the relay would have them. */
export function sessionView(): SessionView & { bytesToUpstream: number; bytesToDownstream: number } {
  count += 1;
  return {
    id: `test-${count}`,
    listener: 'default',
    poolHost: POOL_HOST,
    remoteAddress: '198.51.100.7',
    remotePort: 50_000,
    acceptedAt: 0,
    bytesToUpstream: 0,
    bytesToDownstream: 0,
    durationMs: 0,
  };
}

export function sessionEnd(reason: SessionEnd['reason'] = { side: 'downstream', code: 'ENDED' }): SessionEnd {
  return { reason, durationMs: 1_500, undeliveredToUpstream: 0, undeliveredToDownstream: 0 };
}

/** Opens a metered session and says these things on it, the miner's and the pool's in turn. */
export function converse(meters: Meters, ...said: readonly (readonly [miner: string, pool: string])[]) {
  const view = sessionView();
  const session = meters.open(view, () => undefined);
  for (const [miner, pool] of said) {
    view.bytesToUpstream += miner.length;
    session.chunk('to_upstream', Buffer.from(miner));
    view.bytesToDownstream += pool.length;
    session.chunk('to_downstream', Buffer.from(pool));
  }
  return session;
}

const text = (message: object): string => `${JSON.stringify(message)}\n`;

/** A worker logs in, submits shares and has the first ones answered with these results. */
export function mine(
  meters: Meters,
  worker: string,
  submits = 1,
  results: unknown[] = [true],
): MeteredSession {
  const login = text({ id: 0, method: 'mining.authorize', params: [worker, 'x'] });
  const shares = Array.from({ length: submits }, (_, index) =>
    text({ id: index + 1, method: 'mining.submit', params: [worker, 'j', '00', '504e86ed', 'b2957c02'] }),
  );
  const answers = results.map((result, index) =>
    text({ id: index + 1, result, error: result === true ? null : [21, 'Job not found', null] }),
  );
  return converse(
    meters,
    [login, text({ id: 0, result: true, error: null })],
    [shares.join(''), answers.join('')],
  );
}
