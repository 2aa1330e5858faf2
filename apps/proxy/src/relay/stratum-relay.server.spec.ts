import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Controller, Module, type INestApplication } from '@nestjs/common';
import { EventPattern, Payload, Transport, type CustomStrategy } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Logger } from 'nestjs-pino';
import { of, tap } from 'rxjs';
import { LoggerLibModule } from '@mining-proxy/logger';
import { REJECTION_CAUSES, Relay, RelayModule, SESSION_TAP_FACTORY } from '@mining-proxy/relay';
import {
  AMPLE_LIMITS,
  FAILOVER,
  OPEN_ACCESS,
  FakePool,
  Peer,
  RecordingTaps,
  plainListener,
  plainPool,
} from '@mining-proxy/relay/testing';
import { TestLog } from '../testing/test-log';
import { STRATUM_TRANSPORT } from './relay-patterns';
import { StratumRelayServer } from './stratum-relay.server';

type Seen = readonly [pattern: string, payload: Record<string, unknown>];

const log = new TestLog();
let seen: Seen[] = [];

@Controller()
class Watcher {
  @EventPattern('session.opened', STRATUM_TRANSPORT)
  opened(@Payload() payload: Record<string, unknown>) {
    // A stream does nothing until somebody subscribes to it.
    return of(payload).pipe(tap((value) => seen.push(['session.opened', value])));
  }

  @EventPattern('session.identified', STRATUM_TRANSPORT)
  identified(@Payload() payload: Record<string, unknown>): void {
    seen.push(['session.identified', payload]);
  }

  @EventPattern('session.closed', STRATUM_TRANSPORT)
  closed(@Payload() payload: Record<string, unknown>): void {
    seen.push(['session.closed', payload]);
  }

  @EventPattern('pool.down', STRATUM_TRANSPORT)
  poolDown(@Payload() payload: Record<string, unknown>): void {
    seen.push(['pool.down', payload]);
  }

  @EventPattern('session.closed', Transport.TCP)
  ofAnotherTransport(): void {
    seen.push(['of another transport', {}]);
  }
}

@Controller()
class SecondWatcher {
  @EventPattern('session.opened', STRATUM_TRANSPORT)
  opened(): void {
    seen.push(['second: session.opened', {}]);
  }
}

@Controller()
class Thrower {
  @EventPattern('session.opened', STRATUM_TRANSPORT)
  opened(): void {
    throw new Error('a handler failed');
  }

  @EventPattern('session.closed', STRATUM_TRANSPORT)
  closed(): Promise<void> {
    return Promise.reject(new Error('a handler failed later'));
  }
}

describe('StratumRelayServer', () => {
  let app: INestApplication;
  let pool: FakePool;
  let miners: Peer[] = [];
  let taps: RecordingTaps;
  let strategy: StratumRelayServer;

  async function create(
    controllers: (new () => object)[],
    { port = 0, maxConnections = 10 } = {},
  ): Promise<void> {
    @Module({
      providers: [{ provide: SESSION_TAP_FACTORY, useValue: taps }],
      exports: [SESSION_TAP_FACTORY],
    })
    class TapsModule {}

    const options = {
      listeners: [plainListener({ name: 'default', port, pools: ['pool'] })],
      pools: [plainPool({ port: pool.port })],
      failover: FAILOVER,
      access: OPEN_ACCESS,
      clients: new Map(),
      clientOf: () => undefined,
      maxConnections,
      limits: AMPLE_LIMITS,
      drainTimeoutMs: 5_000,
      instanceId: 'test',
    };
    const module = await Test.createTestingModule({
      imports: [LoggerLibModule.forRoot(log.logger), RelayModule.forRoot(options, [TapsModule])],
      controllers,
      providers: [StratumRelayServer],
    }).compile();
    app = module.createNestApplication();
    app.useLogger(app.get(Logger));
    strategy = app.get(StratumRelayServer);
    app.connectMicroservice<CustomStrategy>({ strategy });
    await app.init();
  }

  async function session(): Promise<{ miner: Peer; upstream: Peer }> {
    const [server] = strategy.unwrap<readonly Server[]>();
    const connected = once(app.get(Relay).events, 'connected');
    const miner = await Peer.connect((server!.address() as AddressInfo).port);
    miners.push(miner);
    const upstream = await pool.next();
    await connected;
    // Handlers may answer with a stream, which runs a little later.
    await new Promise((resolve) => setImmediate(resolve));
    return { miner, upstream };
  }

  /** Resolves when the log has a line for which this holds. */
  async function logged(holds: (line: string) => boolean): Promise<string> {
    for (;;) {
      const line = log.written.find(holds);
      if (line !== undefined) return line;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  beforeEach(async () => {
    log.clear();
    seen = [];
    taps = new RecordingTaps();
    pool = await FakePool.listen();
  });

  afterEach(async () => {
    for (const { socket } of miners) socket.destroy();
    miners = [];
    await pool.close();
    await app.close();
  });

  it('hands each event to its handler, with what is documented', async () => {
    await create([Watcher]);
    await app.startAllMicroservices();
    const { miner, upstream } = await session();
    taps.last.identify({ clientId: 'acme', worker: 'acme.rig' });
    const closed = once(app.get(Relay).events, 'closed');
    miner.end();
    await upstream.ended;
    upstream.end();
    await closed;
    await new Promise((resolve) => setImmediate(resolve));

    const view = { listener: 'default', remoteAddress: '127.0.0.1', poolHost: `127.0.0.1:${pool.port}` };
    expect(seen).toEqual([
      ['session.opened', { session: expect.objectContaining(view) as unknown }],
      ['session.identified', { session: seen[0]![1].session, clientId: 'acme', worker: 'acme.rig' }],
      [
        'session.closed',
        {
          session: seen[0]![1].session,
          end: expect.objectContaining({ reason: { side: 'downstream', code: 'ENDED' } }) as unknown,
        },
      ],
    ]);
  });

  it('tells of a pool that went down', async () => {
    await create([Watcher]);
    await app.startAllMicroservices();
    const [server] = strategy.unwrap<readonly Server[]>();
    const { port } = server!.address() as AddressInfo;
    const poolHost = `127.0.0.1:${pool.port}`;
    await pool.close();
    for (let dials = 0; dials < 3; dials += 1) {
      const closed = once(app.get(Relay).events, 'closed');
      await Peer.connect(port);
      await closed;
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.filter(([pattern]) => pattern === 'pool.down')).toEqual([
      ['pool.down', { pool: 'pool', poolHost, reason: expect.stringContaining('ECONNREFUSED') as string }],
    ]);
  });

  it('hands an event to the handlers of every controller', async () => {
    await create([Watcher, SecondWatcher]);
    await app.startAllMicroservices();
    await session();
    expect(seen.map(([pattern]) => pattern).sort()).toEqual(['second: session.opened', 'session.opened']);
  });

  it('registers no handler that is meant for another transport', async () => {
    await create([Watcher]);
    expect([...strategy.getHandlers().keys()].sort()).toEqual([
      'pool.down',
      'session.closed',
      'session.identified',
      'session.opened',
    ]);
  });

  it.each([
    ['alone', [Thrower]],
    ['after another', [Watcher, Thrower]],
    ['before another', [Thrower, Watcher]],
  ])(
    'logs a handler that throws, %s, and harms neither the session nor other handlers',
    async (_, controllers) => {
      await create(controllers);
      await app.startAllMicroservices();
      const { miner, upstream } = await session();
      miner.write('{"id":1}\n');
      expect((await upstream.receives(9)).toString()).toBe('{"id":1}\n');
      const closed = once(app.get(Relay).events, 'closed');
      miner.end();
      upstream.end();
      await closed;

      await logged((line) => line.includes('a handler failed later'));
      expect(log.written.some((line) => line.includes('"a handler failed"'))).toBe(true);
      const others = controllers.includes(Watcher) ? ['session.opened', 'session.closed'] : [];
      expect(seen.map(([pattern]) => pattern)).toEqual(others);
    },
  );

  it('logs an inspection that fails, and the session goes on', async () => {
    taps = new RecordingTaps((tapped) => {
      tapped.onChunk = () => {
        throw new Error('cannot look');
      };
    });
    await create([Watcher]);
    await app.startAllMicroservices();
    const { miner, upstream } = await session();
    miner.write('one');
    await upstream.receives(3);
    const line = await logged((text) => text.includes('cannot look'));
    expect(JSON.parse(line)).toMatchObject({ level: 'error', sessionId: taps.last.session.id });
    miner.write('two');
    expect((await upstream.receives(6)).toString()).toBe('onetwo');
  });

  it('logs a thousand connections that could not be accepted as one line', async () => {
    await create([Watcher]);
    await app.startAllMicroservices();
    const server = strategy.unwrap<readonly Server[]>()[0]!;
    for (let n = 0; n < 1_000; n += 1) server.emit('error', new Error(`EMFILE number ${n}`));
    const line = await logged((text) => text.includes('could not be accepted'));
    expect(JSON.parse(line)).toMatchObject({ level: 'error', count: 1, err: { message: 'EMFILE number 0' } });
    expect(log.written.filter((text) => text.includes('could not be accepted'))).toHaveLength(1);
  });

  it('logs a hundred miners that a full proxy turns away as one line, with the reason', async () => {
    await create([Watcher], { maxConnections: 1 });
    await app.startAllMicroservices();
    await session();
    const [server] = strategy.unwrap<readonly Server[]>();
    const { port } = server!.address() as AddressInfo;
    for (let n = 0; n < 100; n += 1) {
      const rejected = once(app.get(Relay).events, 'rejected');
      miners.push(await Peer.connect(port));
      await rejected;
    }
    const lines = log.lines.filter(({ msg }) => msg === 'connections turned away');
    expect(lines).toMatchObject([{ level: 'warn', reason: 'max_connections', count: 1 }]);
  });

  it('logs what turns connections away once for each reason, and nothing of peers that had left', async () => {
    await create([Watcher]);
    await app.startAllMicroservices();
    const { events } = app.get(Relay);
    for (const cause of [...REJECTION_CAUSES, ...REJECTION_CAUSES])
      events.emit('rejected', cause, {
        listener: 'default',
        remoteAddress: '192.0.2.7',
        clientId: undefined,
      });
    const lines = log.lines.filter(({ msg }) => msg === 'connections turned away');
    expect(lines.map(({ level, reason }) => [level, reason])).toEqual([
      ...REJECTION_CAUSES.filter((cause) => cause !== 'gone').map((cause) => ['warn', cause]),
    ]);
  });

  it('reports a port that is taken to whoever starts it, and leaves nothing bound', async () => {
    const owner = createServer().listen(0, '127.0.0.1');
    await once(owner, 'listening');
    await create([Watcher], { port: (owner.address() as AddressInfo).port });
    await expect(app.startAllMicroservices()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(strategy.unwrap<readonly Server[]>().map(({ listening }) => listening)).toEqual([false]);
    owner.close();
    await once(owner, 'close');
  });

  it('says what it is doing', async () => {
    await create([Watcher]);
    const statuses: string[] = [];
    strategy.status.subscribe((status) => statuses.push(status));
    await app.startAllMicroservices();
    expect(statuses).toEqual(['listening']);
    await app.close();
    expect(statuses).toEqual(['listening', 'draining', 'closed']);
  });

  it('does not say that it listens when it was told to stop while it began to', async () => {
    await create([Watcher]);
    const statuses: string[] = [];
    strategy.status.subscribe((status) => statuses.push(status));
    const started = app.startAllMicroservices();
    await app.close();
    await started;
    expect(statuses).not.toContain('listening');
    expect(strategy.unwrap<readonly Server[]>().map(({ listening }) => listening)).toEqual([false]);
  });

  it('takes listeners before it listens', async () => {
    await create([]);
    const opened: string[] = [];
    strategy.on('opened', ({ id }) => opened.push(id));
    await app.startAllMicroservices();
    await session();
    expect(opened).toEqual([taps.last.session.id]);
  });
});
