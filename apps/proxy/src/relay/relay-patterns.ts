import type { SessionEnd, SessionView } from '@mining-proxy/relay';

/** Marks handlers as meant for the relay's strategy, so that no other transport gets them. */
export const STRATUM_TRANSPORT = Symbol('STRATUM');

/** A pool that can be used from now on, or not; why, in words. */
export interface PoolChange {
  readonly pool: string;
  readonly poolHost: string;
  readonly reason: string;
}

/** What each `@EventPattern` of the relay hands to its handler. */
export interface RelayPatterns {
  'session.opened': { readonly session: SessionView };
  'session.identified': {
    readonly session: SessionView;
    readonly clientId: string;
    readonly worker: string | undefined;
  };
  'session.closed': { readonly session: SessionView; readonly end: SessionEnd };
  'pool.down': PoolChange;
  'pool.up': PoolChange;
}

export type RelayPattern = keyof RelayPatterns;
