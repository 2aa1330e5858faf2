import type { RejectionReason } from '@mining-proxy/stratum-parser';

/** What a session speaks, as the ledger keeps it; `none` while nothing is known. */
export type JournalDialect = string;

/** A session was accepted. `pool` is its `host:port`. */
export interface OpenFact {
  readonly kind: 'open';
  readonly session: string;
  readonly listener: string;
  readonly pool: string;
  readonly source: string;
}

/** Who the session is billed to; once per session. */
export interface ClientFact {
  readonly kind: 'client';
  readonly session: string;
  readonly client_id: string;
  /** The session's first worker; null where nobody has logged in. */
  readonly worker: string | null;
  readonly dialect: JournalDialect;
}

/**
 * What became of a submit. `unknown`: answered, but nobody can read how; `unanswered`: nothing will settle it
 * any more.
 */
export type ShareOutcome = 'accepted' | 'accepted_stale' | 'rejected' | 'unknown' | 'unanswered';

/** The line of a share up to its time, and the checksum up to there. */
export interface SpelledShare {
  readonly head: Uint8Array;
  readonly headSum: number;
  /** By whom. */
  readonly by: object;
  /** What the session's records had said then: current as long as the versions are the same. */
  readonly said: { readonly version: number };
  readonly version: number;
}

/** One submit and its one outcome. */
export interface ShareFact {
  readonly kind: 'share';
  readonly session: string;
  /** Whose the share is, where that is not the client of the session. */
  readonly client_id?: string;
  /** The worker that the share names; null where it names none. */
  readonly worker: string | null;
  readonly dialect: JournalDialect;
  readonly outcome: ShareOutcome;
  /** Present where the outcome is `rejected`. */
  readonly reason?: RejectionReason;
  /** Units of 10^-8 as a whole number; null where the difficulty is not known or below half a unit. */
  readonly difficulty: string | null;
  /** Whole hashes; null where the difficulty is not known. */
  readonly hashes: string | null;
  /** The journal's own: how it has spelled this, for another share of which the same is to be said. */
  spelled?: SpelledShare | undefined;
}

/** What a session moved and how long it lasted since the last record that said so. */
interface Progress {
  readonly session: string;
  /** The session's first worker; null where nobody has logged in. */
  readonly worker: string | null;
  readonly dialect: JournalDialect;
  readonly bytes_sent: number;
  readonly bytes_received: number;
  readonly ms: number;
}

/** Progress of a session that is still open. */
export interface UsageFact extends Progress {
  readonly kind: 'usage';
}

/** The session is over; has its last progress. */
export interface CloseFact extends Progress {
  readonly kind: 'close';
  readonly side: string;
  readonly code: string;
  /** Hashes of the bytes, where the listener asks for them. */
  readonly proof?: { readonly to_upstream: DirectionProofFact; readonly to_downstream: DirectionProofFact };
  /** `host:port` that the pool told the miner to connect to, where the miner left after that. */
  readonly sent_to?: string;
}

/** SHA-256, hexadecimal, of all that was read in one direction, and of what was taken for the other peer. */
export interface DirectionProofFact {
  readonly read_bytes: number;
  readonly read_sha256: string;
  readonly delivered_bytes: number;
  readonly delivered_sha256: string;
}

/** Accounts were used that the client does not have. */
export interface ForeignFact {
  readonly kind: 'foreign';
  readonly session: string;
  /** Whose they were taken for, where that is not the client of the session; then `worker` is there, too. */
  readonly client_id?: string;
  readonly worker?: string | null;
  readonly count: number;
}

/** What was added up in memory while nothing could be written. */
export interface SumsFact {
  readonly kind: 'sums';
  /**
   * Null where there was no memory left to keep sessions apart, and for what is another client's than the session's;
   * then `client_id` and `pool` hold.
   */
  readonly session: string | null;
  readonly client_id: string;
  readonly pool: string;
  readonly worker: string | null;
  readonly dialect: JournalDialect;
  /** Start of the hour, milliseconds since 1970. */
  readonly hour: number;
  /** Counts by the names of the ledger's columns, `accepted_hashes` and `accepted_difficulty` (10^-8) too. */
  readonly numbers: Readonly<Record<string, string>>;
}

/** A share that meets the network's target in its job. Said beside the share itself, and no part of a bill. */
export interface BlockFact {
  readonly kind: 'block';
  readonly session: string;
  /** Whose the share is. */
  readonly client_id: string;
  readonly worker: string | null;
  readonly pool: string;
  readonly job: string;
  /** Of the header, hexadecimal, as people write it. */
  readonly hash: string;
  /** As the coinbase says; null where it does not. */
  readonly height: number | null;
  /** What the pool said of the share. */
  readonly outcome: 'accepted' | 'rejected' | 'unanswered';
}

/** The journal has nothing to say up to this time. */
export interface TickFact {
  readonly kind: 'tick';
}

/** The process ended in order: after this the run has nothing more to say. */
export interface StopFact {
  readonly kind: 'stop';
}

/** All that is written down to be billed, not dated yet. */
export type Fact =
  | OpenFact
  | ClientFact
  | ShareFact
  | UsageFact
  | CloseFact
  | ForeignFact
  | SumsFact
  | BlockFact
  | TickFact
  | StopFact;

/** A fact with its date: `at` is wall clock, milliseconds since 1970. */
export type JournalRecord = Fact & { readonly at: number };

/** A fact as it is read: what its session's records had said before is left out. Absent is not null. */
type Brief<F extends { worker: unknown; dialect: unknown }> = Omit<F, 'worker' | 'dialect'> &
  Partial<Pick<F, 'worker' | 'dialect'>>;

/** Facts that may leave out the worker and the dialect of their session. */
export type BriefShare = Brief<ShareFact>;
export type BriefUsage = Brief<UsageFact>;

type BriefFact = Exclude<Fact, ShareFact | UsageFact> | BriefShare | BriefUsage;

/** A dated fact as it is read. */
export type BriefRecord = BriefFact & { readonly at: number };

/** The first line of every segment. */
export interface SegmentHeader {
  readonly kind: 'segment';
  readonly format: number;
  readonly journal_id: string;
  readonly segment: number;
  /** Every start of the process is a run, named by the number of its first segment. */
  readonly run: number;
  /** Random: tells this segment from another one with its number, as a restored directory may have. */
  readonly mark: string;
  /** What stands before the numbers of the run's sessions; absent where none was told yet. */
  readonly sessions?: string;
  readonly at: number;
}

/**
 * An accepted share as most are: of its session's own client and dialect, and with a difficulty. It is read without a text
 * for any of its numbers, which are exact.
 */
export interface UsualShare {
  readonly kind: 'usual';
  readonly session: string;
  /** Absent where it is the session's. */
  readonly worker: string | undefined;
  /** The difficulty in units of 10^-8. */
  readonly units: number;
  /** Absent where the difficulty tells them: see `toldHashes`. */
  readonly hashes: number | undefined;
  readonly at: number;
}

/** All that a line of a segment can be. */
export type JournalLine = BriefRecord | SegmentHeader;

/** A line as it is read. */
export type ReadRecord = JournalLine | UsualShare;

/** The version of the files that this program writes; it refuses a journal of a later one. */
export const JOURNAL_FORMAT = 2;
