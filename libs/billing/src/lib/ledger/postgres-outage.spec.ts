import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { client, open, share } from '../journal/testing/facts';
import { openDatabase } from './database/database';
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

    it('lose and repeat nothing while their connections are cut in the middle of what they do', async () => {
      const one = start('one');
      const administrator = openDatabase({ kind: 'postgres', url: databaseUrl });
      one.journal.append(open('s1'));
      one.journal.append(client('s1'));
      let shares = 0;
      for (let cut = 0; cut < 40; cut += 1) {
        for (let count = 0; count < 50; count += 1, shares += 1) one.journal.append(share('s1'));
        await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`.execute(administrator.tables);
        await pause(cut % 7);
      }
      expect(await proxies.pop()?.stop(30_000)).toBe(true);
      const rows = Object.values(await readUsage(administrator));
      await administrator.close();
      expect(rows.map(({ accepted }) => Number(accepted))).toEqual([shares]);
    }, 60_000);

    it('fold on while reports wait for the database', async () => {
      const one = start('one');
      const allIsFolded = () => one.ledger.status?.folded?.offset === one.journal.written.offset;
      mine(one, 's1', 3);
      one.journal.flush();
      await until(allIsFolded);
      const administrator = openDatabase({ kind: 'postgres', url: databaseUrl });
      let reports: Promise<unknown>[] = [];
      await administrator.tables.transaction().execute(async (step) => {
        // Reports read it. A fold does not, once it knows whose the sessions are.
        await sql`lock table corrections in access exclusive mode`.execute(step);
        reports = Array.from({ length: 6 }, () => one.ledger.usage({ groupBy: [] }));
        const waiting = sql`select 1 from pg_locks where not granted and relation = 'corrections'::regclass`;
        while ((await waiting.execute(step)).rows.length < 2) await pause(5);
        one.journal.append(share('s1'));
        one.journal.flush();
        await until(allIsFolded);
      });
      expect(await Promise.all(reports)).toEqual(
        Array.from({ length: 6 }, () => ({ rows: [expect.objectContaining({ submits: '4' })] })),
      );
      expect(one.ledger.status?.error).toBeUndefined();
      await administrator.close();
    }, 30_000);

    it('find another way when theirs goes silent without an end', async () => {
      const way = await SilentWay.to(cluster.port);
      const url = new URL(databaseUrl);
      url.port = String(way.port);
      url.searchParams.set('query_timeout', '4000');
      databaseUrl = url.href;
      const one = start('one');
      const allIsFolded = () => one.ledger.status?.folded?.offset === one.journal.written.offset;
      mine(one, 's1', 3);
      one.journal.flush();
      await until(allIsFolded);
      way.silenceWhatIsOpen();
      one.journal.append(share('s1'));
      one.journal.flush();
      await until(() => one.ledger.status?.error !== undefined);
      // The first try after it: another one on the same connection would take as long again.
      const startedAt = performance.now();
      await until(allIsFolded);
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      expect(await proxies.pop()?.stop()).toBe(true);
      way.close();
    }, 30_000);
  },
);

/** A way to a server that can go silent, as one does through a firewall that has forgotten it. */
class SilentWay {
  private readonly open: Socket[] = [];

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(port: number): Promise<SilentWay> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const way = new SilentWay(server, (server.address() as AddressInfo).port);
    server.on('connection', (near) => {
      const far = connect(port, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on('error', () => undefined);
      way.open.push(near, far);
    });
    return way;
  }

  silenceWhatIsOpen(): void {
    for (const socket of this.open) socket.unpipe().pause();
  }

  close(): void {
    for (const socket of this.open) socket.destroy();
    this.server.close();
  }
}
