import { join } from 'node:path';
import { client, open, share } from '../journal/testing/facts';
import { openDatabase } from './database';
import { Bookkeeping } from './testing/bookkeeping';
import { PostgresCluster, postgresMissing } from './testing/postgres-cluster';
import { readUsage } from './testing/read-ledger';
import { until } from './testing/until';
import { temporaryDirectory } from './testing/write-journal';

const missing = postgresMissing();

(missing === undefined ? describe : describe.skip)(
  `proxies on one PostgreSQL${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    const directory = temporaryDirectory();
    let cluster: PostgresCluster;
    let databaseUrl: string;
    let proxies: Bookkeeping[] = [];

    beforeAll(async () => {
      cluster = await PostgresCluster.create();
    }, 60_000);

    beforeEach(async () => {
      await cluster.start();
      databaseUrl = await cluster.newDatabase();
    });

    afterEach(async () => {
      for (const proxy of proxies) await proxy.stop();
      proxies = [];
      await cluster.stop();
      directory.remove();
    });

    afterAll(() => cluster.remove());

    function start(name: string): Bookkeeping {
      const proxy = new Bookkeeping(join(directory.path, name), { databaseUrl, instance: name });
      proxies.push(proxy);
      return proxy;
    }

    function mine({ journal }: Bookkeeping, session: string, shares: number): void {
      journal.append(open(session));
      journal.append(client(session));
      for (let count = 0; count < shares; count += 1) journal.append(share(session));
    }

    it('start and journal without it, fold when it comes, and lose nothing when it goes and comes again', async () => {
      await cluster.stop();
      const [one, two] = [start('one'), start('two')];
      mine(one, 's1', 3);
      mine(two, 's2', 4);
      await until(() => [one, two].every(({ ledger }) => ledger.status?.error !== undefined));
      expect(one.ledger.status?.refused).toBe(false);
      await until(() => one.ledger.lagSeconds(Date.now()) > 0);
      await cluster.start();
      await until(() => [one, two].every(({ ledger }) => ledger.status?.error === undefined));
      mine(one, 's3', 5);
      await cluster.stop();
      mine(two, 's4', 6);
      await until(() => two.ledger.status?.error !== undefined);
      await cluster.start();
      for (const proxy of proxies.splice(0)) expect(await proxy.stop(20_000)).toBe(true);
      const database = openDatabase({ kind: 'postgres', url: databaseUrl });
      const rows = Object.values(await readUsage(database));
      await database.close();
      expect(
        rows
          .map((row) => row.accepted)
          .map(Number)
          .reduce((sum, count) => sum + count, 0),
      ).toBe(18);
    }, 60_000);
  },
);
