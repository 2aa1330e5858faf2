import type { Buffer } from 'node:buffer';
import type { ProxyHeaderEvent } from '../events/stream';

/** A PROXY header at the start of a stream; `length` bytes of it are to be skipped. */
export interface ProxyHeader {
  readonly length: number;
  readonly event: ProxyHeaderEvent;
}

const V1_START = 'PROXY ';
const V1_MAX = 107;
const V2_SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const V2_FIXED = 16;
/** As much of a version 2 header as is read: the addresses of TCP over IPv6. */
const V2_READ = V2_FIXED + 36;

/**
 * Reads the PROXY header that the first bytes of a stream begin with: 'more' as long as they may
 * become one, null when they are none. HAProxy's proxy-protocol.txt, sections 2.1 and 2.2.
 */
export function readProxyHeader(head: Buffer): ProxyHeader | 'more' | null {
  return readVersion1(head) ?? readVersion2(head);
}

function readVersion1(head: Buffer): ProxyHeader | 'more' | null {
  const start = head.toString('latin1', 0, Math.min(head.length, V1_START.length));
  if (!V1_START.startsWith(start)) return null;
  const end = head.indexOf('\r\n');
  if (end < 0 || end + 2 > V1_MAX) return head.length < V1_MAX && end < 0 ? 'more' : null;
  const [, family, src] = head.toString('latin1', 0, end).split(' ');
  const known = family === 'TCP4' || family === 'TCP6';
  return header(end + 2, 1, known ? family : 'UNKNOWN', known ? (src ?? null) : null);
}

function readVersion2(head: Buffer): ProxyHeader | 'more' | null {
  for (let i = 0; i < V2_SIGNATURE.length && i < head.length; i += 1) {
    if (head[i] !== V2_SIGNATURE[i]) return null;
  }
  if (head.length < V2_FIXED) return 'more';
  if ((head.readUInt8(12) & 0xf0) !== 0x20) return null;
  const addresses = head.readUInt16BE(14);
  if (head.length < Math.min(V2_FIXED + addresses, V2_READ)) return 'more';
  const length = V2_FIXED + addresses;
  const family = head.readUInt8(13);
  if (family === 0x11 && addresses >= 12)
    return header(length, 2, 'TCP4', [...head.subarray(16, 20)].join('.'));
  if (family === 0x21 && addresses >= 36) return header(length, 2, 'TCP6', ipv6(head.subarray(16, 32)));
  return header(length, 2, 'UNKNOWN', null);
}

function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return groups.join(':');
}

function header(
  length: number,
  version: 1 | 2,
  family: ProxyHeaderEvent['family'],
  src: string | null,
): ProxyHeader {
  return { length, event: { kind: 'proxy_header', direction: 'to_upstream', version, family, src } };
}
