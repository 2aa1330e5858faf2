import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stratum } from '@mining-proxy/billing/testing';
import { NestLog } from './nest-log';
import { RunningProxy } from './testing/running-proxy';
import { TestLog } from './testing/test-log';

const log = new TestLog();

const infoLines = () => log.lines.filter(({ level }) => level !== 'debug' && level !== 'trace');

describe('the start', () => {
  beforeEach(() => log.clear());

  it('is not told step by step at info, and is at debug', async () => {
    const proxy = await RunningProxy.start(log);
    expect(infoLines()).toEqual([]);
    const contexts = new Set(log.lines.map(({ context }) => context));
    expect([...contexts]).toEqual(
      expect.arrayContaining(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']),
    );
    await proxy.stop();
  });
});

describe('a share', () => {
  let proxy: RunningProxy;

  beforeEach(async () => {
    proxy = await RunningProxy.start(log);
  });

  afterEach(() => proxy.stop());

  it('is in the journal by the end of the turn in which its answer was handed on', async () => {
    const { miner, upstream } = await proxy.session();
    const { authorize, granted, submit, subscribe } = stratum;
    miner.write(subscribe() + authorize(2, 'acme.rig'));
    upstream.write(granted(2));
    await miner.receives(granted(2).length);
    const share = submit(3, 'acme.rig');
    miner.write(share);
    await upstream.receives((subscribe() + authorize(2, 'acme.rig') + share).length);
    // The miner, in this process too, is told in the turn behind the one in which the relay has written to it.
    const recorded = new Promise<string>((tell) => miner.socket.once('data', () => tell(journalOf(proxy))));
    upstream.write(granted(3));
    expect(await recorded).toContain('"share":"accepted"');
  });
});

function journalOf({ config }: RunningProxy): string {
  const directory = join(config.proxy.dataDir, 'journal');
  const segments = readdirSync(directory).filter((file) => file.endsWith('.jsonl'));
  return segments.map((file) => readFileSync(join(directory, file), 'utf8')).join('');
}

describe('NestLog', () => {
  const called: unknown[][] = [];
  const methods = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
  const logger = Object.fromEntries(
    methods.map((method) => [method, (...given: unknown[]) => called.push([method, ...given])]),
  );
  const nestLog = new NestLog(logger as unknown as ConstructorParameters<typeof NestLog>[0]);

  beforeEach(() => called.splice(0));

  it('hands on what the program says as it was said', () => {
    for (const method of methods) nestLog[method]('message', 'more', 'StratumRelayServer');
    expect(called).toEqual(methods.map((method) => [method, 'message', 'more', 'StratumRelayServer']));
  });

  it('lowers only what Nest tells of its start, never its warnings and errors', () => {
    for (const method of methods) nestLog[method]('message', 'InstanceLoader');
    expect(called.map(([method]) => method)).toEqual(['fatal', 'error', 'warn', 'debug', 'debug', 'verbose']);
  });
});
