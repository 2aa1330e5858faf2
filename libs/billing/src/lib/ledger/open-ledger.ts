import { existsSync } from 'node:fs';
import { readIdentity } from '../journal/journal-directory';
import { journalDirectory } from '../journal/open-journal';
import { listSegments } from '../journal/segments/segment-files';
import type { Rates } from '../statement/rates';
import { ledgerLocation } from './database/database';
import { LedgerService } from './thread/ledger-service';

/**
 * Where the ledger is, and what months are billed at: PostgreSQL, or null for SQLite in the data directory.
 */
export interface LedgerPlace {
  readonly dataDirectory: string;
  readonly databaseUrl: string | null;
  readonly rates: Rates | null;
}

/** There is no ledger where one was asked for. */
export class LedgerMissingError extends Error {
  readonly code = 'LEDGER_MISSING';
}

/**
 * The ledger for a command that asks and ends, beside a proxy that may be running: it folds nothing and takes no
 * lock. Whoever opens it calls `stop`. Throws `LedgerMissingError`.
 */
export function openLedger({ dataDirectory, databaseUrl, rates }: LedgerPlace): LedgerService {
  const location = ledgerLocation(dataDirectory, databaseUrl);
  if (location.kind === 'sqlite' && !existsSync(location.file)) {
    throw new LedgerMissingError(`there is no ledger at ${location.file}`);
  }
  const directory = journalDirectory(dataDirectory);
  const journalId = existsSync(directory) ? readIdentity(directory, listSegments(directory)) : undefined;
  return new LedgerService({
    journalDirectory: directory,
    journalId: journalId ?? '',
    instance: '',
    location,
    // Of no consequence to whoever does not fold.
    journalRetentionDays: 0,
    journalMaxBytes: 0,
    sessionsRetentionDays: 0,
    rates,
  });
}
