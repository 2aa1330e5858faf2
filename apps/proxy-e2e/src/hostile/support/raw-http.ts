import { connectPeer } from '@mining-proxy/e2e-support';

/** What is answered to bytes that need not be a request. The connection ends with the answer. */
export async function rawHttp(port: number, bytes: string, localAddress = '127.0.0.1'): Promise<string> {
  const peer = await connectPeer({ port, host: '127.0.0.1', localAddress });
  peer.write(bytes);
  await peer.hungUpOn();
  return peer.received.toString('latin1');
}

/** A plain request over a connection of its own. */
export const plainGet = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
