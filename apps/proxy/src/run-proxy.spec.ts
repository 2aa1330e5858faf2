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
