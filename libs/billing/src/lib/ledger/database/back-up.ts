import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import Database from 'libsql';
import { ledgerLocation } from './database';
import { LedgerMissingError, type LedgerPlace } from '../open-ledger';

/** A backup that cannot be made as it was asked for. */
export class BackupRefusedError extends Error {
  readonly code = 'BACKUP_REFUSED';
}

/**
 * Copies the ledger to a new file, as it is at one moment, and puts the copy on the disk. A proxy may be folding
 * meanwhile, and does not wait. Throws `LedgerMissingError`, `BackupRefusedError`, or what the disk says.
 */
export function backUpLedger({ dataDirectory, databaseUrl }: Omit<LedgerPlace, 'rates'>, file: string): void {
  const location = ledgerLocation(dataDirectory, databaseUrl);
  if (location.kind !== 'sqlite') {
    throw new BackupRefusedError('the ledger is in PostgreSQL: use pg_dump');
  }
  if (!existsSync(location.file)) throw new LedgerMissingError(`there is no ledger at ${location.file}`);
  if (existsSync(file)) throw new BackupRefusedError(`${file} is there already`);
  const database = new Database(location.file);
  try {
    database.prepare('VACUUM INTO ?').run(file);
  } finally {
    database.close();
  }
  const copy = openSync(file, 'r+');
  try {
    fsyncSync(copy);
  } finally {
    closeSync(copy);
  }
}
