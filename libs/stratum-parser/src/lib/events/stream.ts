/** Which way bytes go: `to_upstream` from the miner to the pool, `to_downstream` back. */
export type Direction = 'to_upstream' | 'to_downstream';

/**
 * What a session speaks. `json`: lines of JSON of no dialect that is known; `opaque`: bytes of no protocol
 * that is known.
 */
export type Dialect =
  | 'stratum1'
  | 'ethstratum0'
  | 'ethstratum1'
  | 'ethstratum2'
  | 'ethproxy'
  | 'cryptonote'
  | 'zcash'
  | 'kawpow'
  | 'kaspa'
  | 'ergo'
  | 'conflux'
  | 'alephium'
  | 'ckb'
  | 'sia'
  | 'handshake'
  | 'ironfish'
  | 'xelis'
  | 'beam'
  | 'grin'
  | 'json'
  | 'btcagent'
  | 'http'
  | 'tls'
  | 'stratum2'
  | 'opaque';

/** What the session speaks, when it is recognised and each time it turns out to be something more special. */
export interface DialectEvent {
  readonly kind: 'dialect';
  readonly dialect: Dialect;
}

/**
 * Why a line is counted and skipped:
 * `not_json` no JSON · `not_object` JSON, but no object · `bad_method` a `method` that is no text ·
 * `unknown_shape` neither a request nor an answer.
 */
export type MalformedReason = 'not_json' | 'not_object' | 'bad_method' | 'unknown_shape';

/** One side sent a line that is no message: it is counted and skipped. */
export interface MalformedEvent {
  readonly kind: 'malformed';
  readonly direction: Direction;
  readonly reason: MalformedReason;
}

/** A line longer than the limit, told once when the limit is passed; the rest of it is skipped. */
export interface OversizeEvent {
  readonly kind: 'oversize';
  readonly direction: Direction;
}

/** A PROXY header inside the stream. Anyone can write one: `src` is a claim. */
export interface ProxyHeaderEvent {
  readonly kind: 'proxy_header';
  readonly direction: Direction;
  readonly version: 1 | 2;
  readonly family: 'TCP4' | 'TCP6' | 'UNKNOWN';
  readonly src: string | null;
}

/** The stream turned out not to be lines of JSON: nothing more is looked at (`binary_frame`: beside the lines). */
export type StreamEvent =
  | { readonly kind: 'http'; readonly method: string }
  | { readonly kind: 'tls' }
  | { readonly kind: 'sv2'; readonly encrypted: boolean }
  | {
      readonly kind: 'binary_frame';
      readonly direction: Direction;
      readonly cmd: number;
      readonly length: number;
      readonly submit: boolean;
    };
