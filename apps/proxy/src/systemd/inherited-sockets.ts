import { readFileSync, readlinkSync } from 'node:fs';
import { ConfigError, type ProxyConfig } from '@mining-proxy/config';

/** The first descriptor that is handed over; sd_listen_fds(3). */
const FIRST_FD = 3;
/** The state of a socket that listens, in /proc/net/tcp. */
const LISTEN = '0A';
/** What the HTTP side's socket is called (`FileDescriptorName=`). */
const HTTP = 'http';

/** A socket that listens already, handed over by whoever started this process. */
export interface InheritedSocket {
  readonly fd: number;
  /** As `FileDescriptorName=` has it. */
  readonly name: string;
  /** Undefined where it is no TCP socket that listens. */
  readonly port: number | undefined;
}

/** Which socket is whose. */
export interface AssignedSockets {
  /** By the listener's name. */
  readonly listeners: ReadonlyMap<string, number>;
  readonly http: number | undefined;
}

/**
 * The sockets that systemd hands over (`LISTEN_FDS`, `LISTEN_FDNAMES`), where they are meant for this process. Takes them
 * out of the environment, so that no child takes them for its own.
 */
export function inheritedSockets(env: NodeJS.ProcessEnv, pid = process.pid): readonly InheritedSocket[] {
  const { LISTEN_FDS: count, LISTEN_PID: meant, LISTEN_FDNAMES: names = '' } = env;
  delete env.LISTEN_FDS;
  delete env.LISTEN_PID;
  delete env.LISTEN_FDNAMES;
  if (count === undefined || !/^\d{1,4}$/.test(count) || meant !== String(pid)) return [];
  const called = names.split(':');
  return Array.from({ length: Number(count) }, (_, index) => {
    const fd = FIRST_FD + index;
    return { fd, name: called[index] ?? '', port: portOf(fd) };
  });
}

/**
 * Gives each socket to the listener, or the HTTP side, that has its name, else its port. Throws a `ConfigError` for one
 * that is nobody's: connections would wait in it for ever.
 */
export function assignSockets(
  sockets: readonly InheritedSocket[],
  { listeners, proxy }: Pick<ProxyConfig, 'listeners' | 'proxy'>,
): AssignedSockets {
  const wanted = [
    ...listeners.map(({ name, bindPort }) => ({ name, port: bindPort })),
    { name: HTTP, port: proxy.metricsPort },
  ];
  const given = new Map<string, number>();
  const lost: InheritedSocket[] = [];
  for (const socket of sockets) {
    const owner =
      wanted.find(({ name }) => name === socket.name) ?? wanted.find(({ port }) => port === socket.port);
    if (!owner || given.has(owner.name)) lost.push(socket);
    else given.set(owner.name, socket.fd);
  }
  if (lost.length > 0) throw new ConfigError(lost.map((socket) => faultOf(socket, wanted)));
  const http = given.get(HTTP);
  given.delete(HTTP);
  return { listeners: given, http };
}

function faultOf({ fd, name, port }: InheritedSocket, wanted: readonly { name: string; port: number }[]) {
  const owners = wanted.map((owner) => `${owner.name} (${owner.port})`).join(', ');
  return {
    path: 'LISTEN_FDS',
    expected: `must be sockets of listeners, by FileDescriptorName= or by port, each once: ${owners}`,
    got: `descriptor ${fd}, name "${name}", ${port === undefined ? 'no TCP port' : `port ${port}`}`,
  };
}

/** By the kernel's own table: Node can only tell the address of a socket that it has taken. */
function portOf(fd: number): number | undefined {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
    for (const file of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
      for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
        const [, local = '', , state, , , , , , found] = line.trim().split(/\s+/);
        if (found === inode && state === LISTEN) return parseInt(local.split(':')[1] ?? '', 16);
      }
    }
  } catch {
    // Not Linux, or no such descriptor: then only its name can say whose it is.
  }
  return undefined;
}
