import type { ExportOptions } from '../../export/export-options';
import type { SyncedJournal } from '../../journal/journal';
import type { Rates } from '../../statement/rates';
import type { LedgerReports, LedgerStatus } from './ledger-service';

export type ReportName = keyof LedgerReports;

/** What the relay's thread says to the ledger's. */
export type ToLedger =
  | { readonly type: 'synced'; readonly journal: SyncedJournal }
  | {
      readonly type: 'ask';
      readonly id: number;
      readonly report: ReportName;
      readonly parameters: readonly unknown[];
    }
  /** Somebody waits for what is on the disk. */
  | { readonly type: 'hurry' }
  | { readonly type: 'rates'; readonly rates: Rates | null }
  | { readonly type: 'export'; readonly options: ExportOptions | null }
  | { readonly type: 'stop' };

/** What the ledger's thread says. */
export type FromLedger =
  | { readonly type: 'status'; readonly status: LedgerStatus }
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly refusal: LedgerRefusal };

/** An error as it crosses between threads. */
export interface LedgerRefusal {
  readonly code: string;
  readonly message: string;
  /** The journals that a month is waiting for. */
  readonly journals?: readonly string[];
}

/** One end of the channel; a `Worker` and a `MessagePort` are such ends. */
export interface LedgerPort<Out, In> {
  postMessage(message: Out): void;
  on(event: 'message', listener: (message: In) => void): unknown;
}
