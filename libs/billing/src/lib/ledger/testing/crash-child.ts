import { journalDirectory, openJournal } from '../../journal/open-journal';
import { client, open, share } from '../../journal/testing/facts';
import { ledgerLocation } from '../database/database';
import { LedgerService } from '../thread/ledger-service';

/**
 * A process to be killed: journals shares and folds them as fast as it can, and after each turn of its event loop
 * says how many of them it has appended before that turn.
 */
const [, , dataDirectory = '', session = ''] = process.argv;
const { journal } = openJournal(dataDirectory, { syncIntervalMs: 5 });
const service = new LedgerService({
  journalDirectory: journalDirectory(dataDirectory),
  journalId: journal.journalId,
  instance: 'crash',
  location: ledgerLocation(dataDirectory, null),
  journalRetentionDays: 35,
  journalMaxBytes: 2 ** 30,
  sessionsRetentionDays: 400,
  rates: null,
});
service.start();
journal.start((synced) => service.synced(synced));
journal.append(open(session));
journal.append(client(session));
let appended = 0;
const turn = () => {
  for (let count = 0; count < 7; count += 1) journal.append(share(session));
  appended += 7;
  const said = appended;
  // After the journal's own end of the turn.
  setImmediate(() => process.stdout.write(`${said}\n`, () => setImmediate(turn)));
};
turn();
