import { describeInPostgres } from '../ledger/testing/postgres-cluster';
import { describeExport } from './testing/export-behaviour';

describe('the export from SQLite', () => {
  describeExport(() => Promise.resolve({ kind: 'sqlite', file: ':memory:' }), 40);
});

describeInPostgres('the export from PostgreSQL', (newDatabase) => {
  describeExport(async () => ({ kind: 'postgres', url: await newDatabase() }), 10);
});
