import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connectPeer, RawPeer } from './raw-peer';

export interface RawMinerOptions {
  readonly reads?: boolean;
  /** Another address of the loopback network, so that two miners are told apart by it. */
  readonly localAddress?: string;
  /** What a load balancer in front of the proxy says first. */
  readonly header?: Buffer;
  /** Speaks TLS, with a proxy whose certificate is by this authority. */
  readonly authority?: string;
}

/** A connection to the proxy, as a miner opens one; what it says is the test's business. */
export async function connectMiner(
  port: number,
  { reads = true, localAddress = '127.0.0.1', header, authority }: RawMinerOptions = {},
): Promise<RawPeer> {
  const target = { port, host: '127.0.0.1', localAddress };
  if (authority !== undefined) return connectSecurely(target, authority, header);
  const peer = await connectPeer(target, { reads });
  if (header) peer.write(header);
  return peer;
}

async function connectSecurely(target: NetConnectOpts, ca: string, header?: Buffer): Promise<RawPeer> {
  const raw = connect({ ...target, allowHalfOpen: true });
  if (header) raw.write(header);
  const socket = connectTls({ socket: raw, host: '127.0.0.1', ca });
  const peer = new RawPeer(socket).read();
  await once(socket, 'secureConnect');
  return peer;
}
