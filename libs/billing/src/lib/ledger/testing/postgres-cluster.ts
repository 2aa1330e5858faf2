import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const ROOT = '/usr/lib/postgresql';

/** Why there is no PostgreSQL to test with; undefined where there is one. */
export function postgresMissing(): string | undefined {
  if (process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status !== 0)
    return 'setpriv is missing';
  if (binaries() !== undefined) return undefined;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    spawnSync('apt-get', ['install', '-y', '-q', 'postgresql'], { stdio: 'ignore' });
  }
  return binaries() === undefined ? 'PostgreSQL is not installed (apt-get install postgresql)' : undefined;
}

/** A private PostgreSQL server in a temporary directory, stopped and started at will. */
export class PostgresCluster {
  private server: ChildProcess | undefined;
  private databases = 0;

  private constructor(
    private readonly directory: string,
    private readonly bin: string,
    readonly port: number,
  ) {}

  static async create(): Promise<PostgresCluster> {
    const bin = binaries();
    if (bin === undefined) throw new Error('PostgreSQL is not installed');
    const directory = mkdtempSync(join(tmpdir(), 'billing-pg-'));
    if (process.getuid?.() === 0) chownSync(directory, userId('-u'), userId('-g'));
    const cluster = new PostgresCluster(directory, bin, await freePort());
    const [command, ...parameters] = cluster.command(
      'initdb',
      '-D',
      cluster.data,
      '-U',
      'test',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-sync',
    );
    execFileSync(command ?? '', parameters, { stdio: 'ignore', cwd: directory });
    return cluster;
  }

  async start(): Promise<void> {
    const [command, ...parameters] = this.command(
      'postgres',
      '-D',
      this.data,
      '-k',
      this.directory,
      '-h',
      '127.0.0.1',
      '-p',
      String(this.port),
      '-c',
      'fsync=off',
    );
    this.server = spawn(command ?? '', parameters, { stdio: 'ignore', cwd: this.directory });
    while (!(await this.answers())) await pause(20);
  }

  /** Ends all connections at once, as an outage does. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const ended = once(server, 'exit');
    server.kill('SIGINT');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The URL of a new, empty database. */
  async newDatabase(): Promise<string> {
    this.databases += 1;
    const name = `test${this.databases}`;
    const client = new pg.Client(this.url('postgres'));
    await client.connect();
    await client.query(`create database ${name}`);
    await client.end();
    return this.url(name);
  }

  private url(database: string): string {
    return `postgres://test@127.0.0.1:${this.port}/${database}`;
  }

  private get data(): string {
    return join(this.directory, 'data');
  }

  /** PostgreSQL refuses to run as root. `setpriv` replaces itself, so that its pid is the server's. */
  private command(program: string, ...parameters: readonly string[]): string[] {
    const run = [join(this.bin, program), ...parameters];
    if (process.getuid?.() !== 0) return run;
    return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--pdeathsig=INT', ...run];
  }

  private async answers(): Promise<boolean> {
    const client = new pg.Client(this.url('postgres'));
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false; // not yet
    }
  }
}

function binaries(): string | undefined {
  if (!existsSync(ROOT)) return undefined;
  return readdirSync(ROOT)
    .map((version) => join(ROOT, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

function userId(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Describes what holds in a PostgreSQL of its own, or says why there is none. `newDatabase` gives an empty one. */
export function describeInPostgres(
  title: string,
  describeIt: (newDatabase: () => Promise<string>) => void,
): void {
  const missing = postgresMissing();
  const describeWhere = missing === undefined ? describe : describe.skip;
  describeWhere(missing === undefined ? title : `${title}: ${missing}`, () => {
    let cluster: PostgresCluster;
    beforeAll(async () => {
      cluster = await PostgresCluster.create();
      await cluster.start();
    }, 60_000);
    afterAll(() => cluster.remove());
    describeIt(() => cluster.newDatabase());
  });
}
