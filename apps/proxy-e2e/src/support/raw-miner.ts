import { connectPeer, type RawPeer } from './raw-peer';

export interface RawMinerOptions {
  readonly reads?: boolean;
  /** Another address of the loopback network, so that two miners are told apart by it. */
  readonly localAddress?: string;
}

/** A connection to the proxy, as a miner opens one; what it says is the test's business. */
export function connectMiner(
  port: number,
  { reads = true, localAddress = '127.0.0.1' }: RawMinerOptions = {},
): Promise<RawPeer> {
  return connectPeer({ port, host: '127.0.0.1', localAddress }, { reads });
}
