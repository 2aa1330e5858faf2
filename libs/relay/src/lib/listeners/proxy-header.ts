import { isIPv4, isIPv6 } from 'node:net';

/** One end of a connection. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What a PROXY header says. Both are undefined where the socket's own addresses hold: LOCAL, UNKNOWN, UNSPEC, UNIX. */
export interface ProxyHeader {
  readonly source: Endpoint | undefined;
  readonly destination: Endpoint | undefined;
}

/** What came is no PROXY header, or one that nobody here understands. */
export class ProxyHeaderError extends Error {}

/** The header is for the connection of whoever sends it, and says nothing of another one. */
const OWN: ProxyHeader = { source: undefined, destination: undefined };

const V1_BEGIN = Buffer.from('PROXY ');
/** With its CRLF; HAProxy's proxy-protocol.txt, 2.1. */
const V1_LONGEST = 107;
const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_FIXED = 16;
/** Family and transport in one byte: over a stream. */
const TCP4 = 0x11;
const TCP6 = 0x21;
const UNIX_STREAM = 0x31;
const UNSPEC = 0x00;
const UNSPEC_STREAM = 0x01;

/**
 * Reads a PROXY header, version 1 or 2, that comes in any pieces (HAProxy's proxy-protocol.txt). Keeps at most the longest
 * header that there can be, 16 + 65,535 bytes, and what came with its last piece.
 */
export class ProxyHeaderReader {
  private held: Buffer = Buffer.alloc(0);

  /**
   * Undefined while more is needed; else the header, and the bytes behind it. Throws `ProxyHeaderError` as soon as what
   * came cannot become a header: a line of version 1 is judged once it is whole or too long, and of version 2 the family
   * and the length once both are there.
   */
  push(chunk: Buffer): { readonly header: ProxyHeader; readonly rest: Buffer } | undefined {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const { held } = this;
    if (startsAlike(held, V1_BEGIN)) return readV1(held);
    if (startsAlike(held, V2_SIGNATURE)) return readV2(held);
    throw new ProxyHeaderError('the connection does not begin with a PROXY header');
  }
}

/**
 * The header that tells the next one of a connection; without `ends` it says that the connection is its sender's own.
 * Where one end is IPv4 and the other IPv6, both are written as IPv6.
 */
export function encodeProxyHeader(
  version: 1 | 2,
  ends: { readonly source: Endpoint; readonly destination: Endpoint } | undefined,
): Buffer {
  if (ends === undefined) {
    return version === 1 ? Buffer.from('PROXY UNKNOWN\r\n') : v2Header(0x20, UNSPEC, Buffer.alloc(0));
  }
  const source = { ...ends.source, address: unmapped(ends.source.address) };
  const destination = { ...ends.destination, address: unmapped(ends.destination.address) };
  const isV4 = isIPv4(source.address) && isIPv4(destination.address);
  if (version === 1) {
    const [from, to] = [source, destination].map(({ address }) => (isV4 ? address : asV6(address)));
    return Buffer.from(
      `PROXY ${isV4 ? 'TCP4' : 'TCP6'} ${from} ${to} ${source.port} ${destination.port}\r\n`,
      'latin1',
    );
  }
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  const addresses = [source, destination].map(({ address }) => (isV4 ? v4Bytes(address) : v6Bytes(address)));
  return v2Header(0x21, isV4 ? TCP4 : TCP6, Buffer.concat([...addresses, ports]));
}

function v2Header(command: number, family: number, payload: Buffer): Buffer {
  const fixed = Buffer.alloc(4);
  fixed.writeUInt8(command, 0);
  fixed.writeUInt8(family, 1);
  fixed.writeUInt16BE(payload.length, 2);
  return Buffer.concat([V2_SIGNATURE, fixed, payload]);
}

/** Whether these bytes are the beginning, or begin with it. */
function startsAlike(bytes: Buffer, beginning: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length);
  return bytes.subarray(0, length).equals(beginning.subarray(0, length));
}

function readV1(bytes: Buffer) {
  const end = bytes.subarray(0, V1_LONGEST).indexOf('\r\n');
  if (end === -1) {
    if (bytes.length >= V1_LONGEST) throw new ProxyHeaderError('a PROXY header of version 1 has no end');
    return undefined;
  }
  const header = v1Header(bytes.subarray(0, end).toString('latin1'));
  return { header, rest: bytes.subarray(end + 2) };
}

function v1Header(line: string): ProxyHeader {
  const [, family, ...fields] = line.split(' ');
  if (family === 'UNKNOWN') return OWN;
  const isRight = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined;
  if (!isRight)
    throw new ProxyHeaderError('a PROXY header of version 1 is for neither TCP4, TCP6 nor UNKNOWN');
  const [from = '', to = '', fromPort = '', toPort = '', ...more] = fields;
  // A zone is of the sender's machine and means nothing here.
  if (more.length > 0 || ![from, to].every((address) => isRight(address) && !address.includes('%'))) {
    throw new ProxyHeaderError(`a PROXY header of version 1 has no two addresses of ${family}`);
  }
  return {
    source: { address: shown(from), port: portOf(fromPort) },
    destination: { address: shown(to), port: portOf(toPort) },
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^(0|[1-9]\d{0,4})$/.test(text) && port <= 65_535) return port;
  throw new ProxyHeaderError('a PROXY header of version 1 has no two ports');
}

function readV2(bytes: Buffer) {
  if (bytes.length > 12) checkCommand(bytes.readUInt8(12));
  if (bytes.length < V2_FIXED) return undefined;
  const length = bytes.readUInt16BE(14);
  const isProxy = bytes.readUInt8(12) === 0x21;
  const family = bytes.readUInt8(13);
  if (isProxy) checkFamily(family, length);
  if (bytes.length < V2_FIXED + length) return undefined;
  const header = isProxy ? v2Ends(family, bytes.subarray(V2_FIXED, V2_FIXED + length)) : OWN;
  return { header, rest: bytes.subarray(V2_FIXED + length) };
}

function checkCommand(command: number): void {
  if (command === 0x20 || command === 0x21) return;
  const isV2 = command >> 4 === 2;
  throw new ProxyHeaderError(
    isV2 ? `a PROXY header has the command ${command & 15}` : `a PROXY header has version ${command >> 4}`,
  );
}

function checkFamily(family: number, length: number): void {
  const needed = { [TCP4]: 12, [TCP6]: 36, [UNIX_STREAM]: 216, [UNSPEC]: 0, [UNSPEC_STREAM]: 0 }[family];
  if (needed === undefined) {
    throw new ProxyHeaderError(
      `a PROXY header is for 0x${family.toString(16)}, which is no family over a stream`,
    );
  }
  if (length < needed) throw new ProxyHeaderError('a PROXY header is too short for its addresses');
}

function v2Ends(family: number, payload: Buffer): ProxyHeader {
  if (family !== TCP4 && family !== TCP6) return OWN;
  const size = family === TCP4 ? 4 : 16;
  const text = (at: number) => {
    const bytes = payload.subarray(at, at + size);
    return family === TCP4 ? bytes.join('.') : shown(v6Text(bytes));
  };
  return {
    source: { address: text(0), port: payload.readUInt16BE(2 * size) },
    destination: { address: text(size), port: payload.readUInt16BE(2 * size + 2) },
  };
}

function v6Text(bytes: Buffer): string {
  return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16)).join(':');
}

/** As everything else shows it: the shortest form (RFC 5952), IPv4 inside of IPv6 as IPv4. */
function shown(address: string): string {
  if (!isIPv6(address)) return address;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const words = mapped.slice(1).map((word) => Number.parseInt(word, 16));
  return words.flatMap((word) => [word >> 8, word & 255]).join('.');
}

function unmapped(address: string): string {
  return shown(address.replace(/%.*$/, ''));
}

function asV6(address: string): string {
  return isIPv4(address) ? `::ffff:${address}` : address;
}

function v4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function v6Bytes(address: string): Buffer {
  const short = new URL(`http://[${asV6(address)}]`).hostname.slice(1, -1);
  const [head = '', tail] = short.split('::');
  const words = (text: string) =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
  const [front, back] = [words(head), tail === undefined ? [] : words(tail)];
  const bytes = Buffer.alloc(16);
  front.forEach((word, index) => bytes.writeUInt16BE(word, 2 * index));
  back.forEach((word, index) => bytes.writeUInt16BE(word, 16 - 2 * (back.length - index)));
  return bytes;
}
