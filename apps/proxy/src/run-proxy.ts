import { ShutdownSignal } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomStrategy } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import type { ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { DataDirectoryInUseError, UsageStore } from '@mining-proxy/billing';
import { ConfigInForce, type ProxyConfig } from '@mining-proxy/config';
import { createRootLogger, type RootLogger } from '@mining-proxy/logger';
import { Relay, sessionsWithin } from '@mining-proxy/relay';
import { AppModule, type ProxyParts } from './app.module';
import { EXIT_USAGE, EXIT_USAGE_LOST } from './command-line';
import { descriptorLimit } from './descriptor-limit';
import { certificateOf, renewCertificate } from './http/http-certificate';
import { boundConnections } from './http/bound-connections';
import { serveOpenApi } from './http/open-api';
import { answerProtocolErrors } from './http/protocol-errors';
import { secureHeaders } from './http/secure-headers';
import { ledgerThread } from './ledger-thread';
import { NestLog } from './nest-log';
import { StratumRelayServer } from './relay/stratum-relay.server';
import { Reload } from './reload/reload';
import { assignSockets, inheritedSockets, type AssignedSockets } from './systemd/inherited-sockets';
import { ServiceNotifier } from './systemd/service-notifier';
import { VERSION } from './version';
import { usageStoreOptions } from './wiring';

const EXIT_FAILURE = 1;

/** What the program begins with. */
export interface Start {
  readonly config: ProxyConfig;
  /** Reads the configuration anew, for a reload. */
  readonly load: () => ProxyConfig;
  /** Holds what systemd says to a service. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Starts the proxy: HTTP first, which says "not ready", then the listeners for miners. Resolves when both are
 * up; the process goes on until SIGTERM or SIGINT, which drain it. A second signal ends it at once.
 */
export async function runProxy({ load, config, env }: Start): Promise<void> {
  const { proxy } = config;
  const log = createRootLogger({
    level: proxy.logLevel,
    instanceId: proxy.instanceId,
    format: proxy.logFormat,
  });
  const systemd = new ServiceNotifier(env, (error) =>
    log.warn({ err: error }, 'systemd could not be told how the service stands'),
  );
  endAtSecondSignal(log, () => systemd.stopping());
  const sockets = assignedSockets(config, env, log);
  const usage = openUsage(config, log);
  failWhereUsageIsLost(usage);
  let app: NestExpressApplication | undefined;
  try {
    app = await createApp({ config, log, usage, load, sockets });
    reloadAtHangUp(app.get(Reload));
    // The order matters: listening runs every start-up hook, and only then may a miner connect.
    await listenForHttp(app, proxy, sockets.http);
    await app.startAllMicroservices();
    // A signal to stop came meanwhile, and is being followed.
    if (app.get(Relay).state !== 'listening') return;
    warnOfFewDescriptors(config, log);
    warnOfUnverifiedPools(config, log);
    announce(app, config, log);
    systemd.ready(`serving miners on ${app.get(Relay).netServers.length} listeners`);
  } catch (error) {
    log.fatal({ err: error }, startFailure(error));
    await app?.close();
    process.exit(EXIT_FAILURE);
  }
}

/** The sockets that systemd handed over, or the end of the program where one of them is nobody's. */
function assignedSockets(config: ProxyConfig, env: NodeJS.ProcessEnv, log: RootLogger): AssignedSockets {
  try {
    return assignSockets(inheritedSockets(env), config);
  } catch (error) {
    log.fatal({ err: error }, 'start failed: a socket was handed over that nobody here listens to');
    process.exit(EXIT_USAGE);
  }
}

/** On the socket that was handed over, where there is one, else on an address of its own. */
async function listenForHttp(
  app: NestExpressApplication,
  { metricsPort, metricsBindAddress }: ProxyConfig['proxy'],
  fd: number | undefined,
): Promise<void> {
  // Nest hands its first argument on to Node, which takes a descriptor there as well.
  if (fd !== undefined) await app.listen({ fd } as unknown as number);
  else await app.listen(metricsPort, metricsBindAddress);
}

/** Takes the data directory, or ends the program: without it nothing could be billed. */
function openUsage(config: ProxyConfig, log: RootLogger): UsageStore {
  try {
    const usage = UsageStore.open(usageStoreOptions(config), ledgerThread, log);
    if (usage.cutBytes > 0) {
      log.warn(
        { cutBytes: usage.cutBytes },
        'the last process died while it wrote: an unfinished record was cut',
      );
    }
    return usage;
  } catch (error) {
    log.fatal({ err: error, dataDir: config.proxy.dataDir }, 'start failed: data_dir cannot be used');
    process.exit(isMisconfigured(error) ? EXIT_USAGE : EXIT_FAILURE);
  }
}

/** It will be the same at the next start, until somebody changes the configuration or the directory's rights. */
function isMisconfigured(error: unknown): boolean {
  if (error instanceof DataDirectoryInUseError) return true;
  return ['EEXIST', 'ENOTDIR', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** The application, wired and not yet listening. */
export async function createApp(parts: ProxyParts): Promise<NestExpressApplication> {
  const { metricsTls } = parts.config.proxy;
  const options = {
    bufferLogs: true,
    abortOnError: false,
    bodyParser: false,
    // A scrape that hangs on would keep HTTP, and with it the whole shutdown, from ending.
    forceCloseConnections: true,
    ...(metricsTls === null
      ? {}
      : { httpsOptions: { ...certificateOf(metricsTls), minVersion: 'TLSv1.2' as const } }),
  };
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(parts), options);
  app.useLogger(new NestLog(app.get(Logger)));
  app.disable('x-powered-by');
  // A digest over megabytes of metrics, for answers that nobody keeps.
  app.disable('etag');
  app.use(secureHeaders());
  serveConsole(app);
  serveOpenApi(app);
  boundConnections(app.getHttpServer());
  answerProtocolErrors(app.getHttpServer());
  if (metricsTls !== null) {
    const config = app.get(ConfigInForce);
    renewCertificate(
      app.getHttpServer() as HttpsServer,
      () => config.current.proxy.metricsTls,
      (error) =>
        parts.log.error(
          { err: error },
          'the new certificate of the HTTP side cannot be used: the old one still holds',
        ),
    );
  }
  app.enableShutdownHooks([ShutdownSignal.SIGTERM, ShutdownSignal.SIGINT], { useProcessExit: true });
  app.connectMicroservice<CustomStrategy>({ strategy: app.get(StratumRelayServer) });
  return app;
}

function announce(app: NestExpressApplication, { proxy }: ProxyConfig, log: RootLogger): void {
  const relay = app.get(Relay);
  const addresses = (servers: readonly Server[]) =>
    servers.map((server) => server.address() as AddressInfo).map(({ address, port }) => `${address}:${port}`);
  log.info(
    {
      version: VERSION,
      listening: addresses(relay.netServers),
      http: addresses([app.getHttpServer() as Server]),
      pools: relay.pools.map(({ poolHost }) => poolHost),
      maxConnections: proxy.maxConnections,
      reading: relay.readingName,
    },
    'proxy ready',
  );
}

function warnOfFewDescriptors({ proxy }: ProxyConfig, log: RootLogger): void {
  const limit = descriptorLimit();
  if (limit === undefined || sessionsWithin(limit) >= proxy.maxConnections) return;
  log.warn(
    { descriptorLimit: limit, maxConnections: proxy.maxConnections, possible: sessionsWithin(limit) },
    'fewer sessions fit into the file descriptors than max_connections says: raise ulimit -n (LimitNOFILE)',
  );
}

function warnOfUnverifiedPools({ pools }: ProxyConfig, log: RootLogger): void {
  for (const { name: pool, tls } of pools) {
    if (tls === null || tls.verify || tls.fingerprintSha256 !== null) continue;
    log.warn(
      { pool },
      'the certificate of this pool is not verified: whoever is on the way can read and change all',
    );
  }
}

function startFailure(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE')
    return 'start failed: the address is in use; choose another port or stop its owner';
  if (code === 'EACCES') return 'start failed: this port needs more rights; choose one above 1023';
  if (code === 'EADDRNOTAVAIL') return 'start failed: this machine does not have the address to bind';
  return 'start failed';
}

/** The page at `/`: files that hold no numbers, so that whoever has no token yet gets them, too. */
function serveConsole(app: NestExpressApplication): void {
  // Beside the program, as the build puts them.
  app.useStaticAssets(join(__dirname, '../console'), {
    setHeaders: (response: ServerResponse, path: string) => {
      // The names of all others change with what is in them.
      const isPage = path.endsWith('index.html');
      response.setHeader('Cache-Control', isPage ? 'no-cache' : 'public, max-age=31536000, immutable');
    },
  });
}

/** Nest ends every drain with 0. Lost usage must not look like success to whoever supervises this. */
function failWhereUsageIsLost(usage: UsageStore): void {
  process.once('exit', () => {
    if (usage.lost) process.exitCode = EXIT_USAGE_LOST;
  });
}

/** What is wrong with it the log says, and the configuration before goes on. */
function reloadAtHangUp(reload: Reload): void {
  process.on('SIGHUP', () => {
    try {
      reload.run();
    } catch {
      // Logged where it was found.
    }
  });
}

/** Nest ignores every signal after the first; an operator who asks twice wants it now. */
function endAtSecondSignal(log: RootLogger, stopping: () => void): void {
  let asked = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked) {
      log.warn({ signal }, 'second signal: ending at once, without waiting for the sessions');
      process.exit(EXIT_FAILURE);
    }
    asked = true;
    stopping();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
