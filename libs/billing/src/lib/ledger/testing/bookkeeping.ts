import { MessageChannel } from 'node:worker_threads';
import { openJournal, type OpenJournal } from '../../journal/open-journal';
import type { JournalFiles } from '../../journal/segments/journal-files';
import { ledgerLocation } from '../database/database';
import { LedgerClient } from '../thread/ledger-client';
import { runLedgerWorker } from '../thread/ledger-worker';

/** Journal and ledger together as the proxy has them, the ledger behind a channel but in this thread. */
export class Bookkeeping {
  readonly opened: OpenJournal;
  readonly ledger: LedgerClient;

  constructor(
    dataDirectory: string,
    {
      databaseUrl = null as string | null,
      instance = 'test',
      files = undefined as JournalFiles | undefined,
    } = {},
  ) {
    this.opened = openJournal(dataDirectory, { syncIntervalMs: 10 }, files);
    const { port1, port2 } = new MessageChannel();
    const options = {
      journalDirectory: this.opened.directory,
      journalId: this.opened.journal.journalId,
      instance,
      location: ledgerLocation(dataDirectory, databaseUrl),
      journalRetentionDays: 35,
      journalMaxBytes: 10 * 2 ** 30,
      sessionsRetentionDays: 400,
      rates: null,
    };
    runLedgerWorker(options, port2);
    this.ledger = new LedgerClient(port1);
    port1.on('close', () => this.ledger.lost('the ledger has ended'));
    this.ledger.start();
    this.opened.journal.start(this.ledger.synced);
  }

  get journal() {
    return this.opened.journal;
  }

  /** Ends in order; returns whether all is folded. */
  async stop(deadlineMs = 5_000): Promise<boolean> {
    const last = await this.journal.close();
    const folded = await this.ledger.stop(last, deadlineMs);
    this.opened.lock.release();
    return folded;
  }
}
