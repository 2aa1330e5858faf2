import type { Socket } from 'node:net';

/** By whose code a header is read and written must not be what is tested: this is the specification's text, for IPv4. */
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const FIXED_BYTES = 16;
const PROXY_COMMAND = 0x21;
const TCP_OVER_IPV4 = 0x11;
const DESTINATION = { address: '198.51.100.1', port: 3_333 };
const SOURCE_PORT = 40_001;

/** What a load balancer says before the first byte of a connection that came from this IPv4 address. */
export function proxyHeader(version: 'v1' | 'v2', source: string): Buffer {
  const { address, port } = DESTINATION;
  if (version === 'v1') return Buffer.from(`PROXY TCP4 ${source} ${address} ${SOURCE_PORT} ${port}\r\n`);
  const ports = [SOURCE_PORT, port].flatMap((each) => [each >> 8, each & 255]);
  const payload = [...bytesOf(source), ...bytesOf(address), ...ports];
  return Buffer.from([...SIGNATURE, PROXY_COMMAND, TCP_OVER_IPV4, 0, payload.length, ...payload]);
}

/** Reads a header of version 2 off a paused socket and leaves it paused; calls back with the source's address. */
export function takeProxyHeader(socket: Socket, taken: (source: string) => void): void {
  let bytes = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    const length = bytes.length < FIXED_BYTES ? Infinity : FIXED_BYTES + bytes.readUInt16BE(14);
    if (bytes.length < length) return;
    socket.off('data', read).pause();
    const source = sourceIn(bytes);
    socket.unshift(bytes.subarray(length));
    taken(source);
  };
  socket.on('data', read).resume();
}

function sourceIn(bytes: Buffer): string {
  const isHeader = SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
  if (!isHeader || bytes[12] !== PROXY_COMMAND || bytes[13] !== TCP_OVER_IPV4) {
    return `no header of version 2 for IPv4: ${bytes.toString('hex')}`;
  }
  return bytes.subarray(FIXED_BYTES, FIXED_BYTES + 4).join('.');
}

function bytesOf(address: string): number[] {
  return address.split('.').map(Number);
}
