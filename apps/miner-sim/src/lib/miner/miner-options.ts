import type { AlgorithmName } from '../bitcoin/proof-of-work';
import { DIALECT_NAMES, type DialectName } from '../dialects/dialect-name';
import type { MinerTls } from '../net/dial';
import type { WriteChunking } from '../net/link';

/** `mixed` deals all dialects out to the miners in turn. */
export type MinerDialectChoice = DialectName | 'mixed';
export const MINER_DIALECT_CHOICES: readonly MinerDialectChoice[] = [...DIALECT_NAMES, 'mixed'];

export type SubmitIdKind = 'counter' | 'constant' | 'string';
export const SUBMIT_ID_KINDS: readonly SubmitIdKind[] = ['counter', 'constant', 'string'];

/** How much work the miners are given. */
export type Pace =
  | { readonly kind: 'shares'; readonly perSecond: number }
  | { readonly kind: 'hashes'; readonly perSecondEach: number }
  | { readonly kind: 'flat-out' };

/** Wrong shares on request. Rates are between 0 and 1; a count is made first, then the rate counts. */
export interface ShareFaultOptions {
  readonly rates: Readonly<Partial<Record<ShareFault, number>>>;
  readonly counts: Readonly<Partial<Record<ShareFault, number>>>;
}

export type ShareFault = 'stale' | 'duplicate' | 'low_difficulty' | 'bad_nonce' | 'unauthorized';
export const SHARE_FAULTS: readonly ShareFault[] = [
  'stale',
  'duplicate',
  'low_difficulty',
  'bad_nonce',
  'unauthorized',
];

/** How connections misbehave; counted per connection. */
export interface ConnectionFaultOptions {
  /** Applies to this many miners, the first ones; undefined means all. */
  readonly miners: number | undefined;
  /** Connects and says nothing. */
  readonly mute: boolean;
  readonly halfCloseAfter: number | undefined;
  readonly resetAfter: number | undefined;
  readonly slowReadBytesPerSecond: number | undefined;
  readonly reconnectEveryMs: number | undefined;
  readonly reconnectHow: 'fin' | 'rst';
}

export interface FleetOptions {
  readonly host: string;
  readonly port: number;
  /** undefined: no TLS. */
  readonly tls: MinerTls | undefined;
  readonly seed: number;
  readonly dialect: MinerDialectChoice;
  /** What headers of Bitcoin's Stratum are hashed with. */
  readonly algorithm: AlgorithmName;
  readonly accounts: number;
  readonly accountPrefix: string;
  readonly rigsPerAccount: number;
  readonly workersPerConnection: number;
  /** Connections opened per second; undefined opens all at once. */
  readonly connectRate: number | undefined;
  readonly localAddresses: readonly string[];
  readonly pace: Pace;
  /** No share before all workers of every miner have logged in and it has a job, so that each has a part in `shares`. */
  readonly startTogether: boolean;
  /** Submits without an answer that one connection may have. */
  readonly window: number;
  readonly submitIds: SubmitIdKind;
  readonly versionRolling: boolean;
  readonly suggestDifficulty: number | undefined;
  readonly chunking: WriteChunking;
  /** undefined does not reconnect. */
  /** Whether miners go on trying where nobody has ever answered them; else they end. */
  readonly waitsForPort: boolean;
  readonly reconnectDelayMs: number | undefined;
  /** Ends after so many submits in all. */
  readonly shares: number | undefined;
  readonly durationMs: number | undefined;
  readonly settleMs: number;
  readonly byWorker: boolean;
  readonly shareFaults: ShareFaultOptions;
  readonly connectionFaults: ConnectionFaultOptions;
}

export const FLEET_DEFAULTS: Omit<FleetOptions, 'port'> = {
  host: '127.0.0.1',
  tls: undefined,
  seed: 1,
  dialect: 'stratum1',
  algorithm: 'sha256d',
  accounts: 1,
  accountPrefix: 'acct',
  rigsPerAccount: 1,
  workersPerConnection: 1,
  connectRate: undefined,
  localAddresses: [],
  pace: { kind: 'shares', perSecond: 1 },
  startTogether: false,
  window: 64,
  submitIds: 'counter',
  versionRolling: false,
  suggestDifficulty: undefined,
  chunking: 'whole',
  waitsForPort: false,
  reconnectDelayMs: 1000,
  shares: undefined,
  durationMs: undefined,
  settleMs: 2000,
  byWorker: false,
  shareFaults: { rates: {}, counts: {} },
  connectionFaults: {
    miners: undefined,
    mute: false,
    halfCloseAfter: undefined,
    resetAfter: undefined,
    slowReadBytesPerSecond: undefined,
    reconnectEveryMs: undefined,
    reconnectHow: 'fin',
  },
};
