import { join } from 'node:path';
import { describeLedger } from './testing/ledger-behaviour';
import { temporaryDirectory } from './testing/write-journal';

describe('the ledger in SQLite', () => {
  const directory = temporaryDirectory();
  let files = 0;
  afterAll(() => directory.remove());

  describeLedger(async () => {
    files += 1;
    return { kind: 'sqlite', file: join(directory.path, `ledger${files}.db`) };
  });
});
