import { PostgresCluster, postgresMissing } from '../ledger/testing/postgres-cluster';
import { describeExport } from './testing/export-behaviour';

describe('the export from SQLite', () => {
  describeExport(() => Promise.resolve({ kind: 'sqlite', file: ':memory:' }), 40);
});

const missing = postgresMissing();

(missing === undefined ? describe : describe.skip)(
  `the export from PostgreSQL${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    let cluster: PostgresCluster;

    beforeAll(async () => {
      cluster = await PostgresCluster.create();
      await cluster.start();
    }, 60_000);

    afterAll(() => cluster.remove());

    describeExport(async () => ({ kind: 'postgres', url: await cluster.newDatabase() }), 10);
  },
);
