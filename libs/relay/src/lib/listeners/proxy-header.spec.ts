import fc from 'fast-check';
import { ProxyHeaderError, ProxyHeaderReader, encodeProxyHeader, type ProxyHeader } from './proxy-header';

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const V4 = {
  source: { address: '192.0.2.7', port: 51_234 },
  destination: { address: '198.51.100.1', port: 3_333 },
};
const V6 = { source: { address: '2001:db8::7', port: 1 }, destination: { address: '::1', port: 65_535 } };
const OWN = { source: undefined, destination: undefined };

function v2(command: number, family: number, payload: Buffer, length = payload.length): Buffer {
  return Buffer.concat([
    Buffer.from(SIGNATURE, 'latin1'),
    Buffer.from([command, family, length >> 8, length & 255]),
    payload,
  ]);
}

const v4Payload = Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 51_234 >> 8, 51_234 & 255, 13, 5]);
const TLV = Buffer.from([0xee, 0, 3, 1, 2, 3, 4, 0, 0]);

const HEADERS: readonly (readonly [string, Buffer, ProxyHeader])[] = [
  ['v1 TCP4', Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 51234 3333\r\n'), V4],
  ['v1 TCP6', Buffer.from('PROXY TCP6 2001:DB8:0::7 ::1 1 65535\r\n'), V6],
  ['v1 UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n'), OWN],
  ['v1 UNKNOWN with addresses', Buffer.from('PROXY UNKNOWN ffff:f...f ffff:f...f 65535 65535\r\n'), OWN],
  ['v2 TCP4', v2(0x21, 0x11, v4Payload), V4],
  ['v2 TCP4 with TLVs', v2(0x21, 0x11, Buffer.concat([v4Payload, TLV])), V4],
  ['v2 TCP6', encodeProxyHeader(2, V6), V6],
  ['v2 LOCAL', v2(0x20, 0x11, v4Payload), OWN],
  ['v2 LOCAL without addresses', v2(0x20, 0, Buffer.alloc(0)), OWN],
  ['v2 UNSPEC', v2(0x21, 0, TLV), OWN],
  ['v2 UNIX', v2(0x21, 0x31, Buffer.alloc(216)), OWN],
  ['v2 with the longest payload', v2(0x21, 0x11, Buffer.concat([v4Payload, Buffer.alloc(65_523)])), V4],
];

const BAD: readonly (readonly [string, Buffer | string])[] = [
  ['Stratum', '{"id":1,"method":"mining.subscribe"}\n'],
  ['a TLS hello', Buffer.from([0x16, 3, 1, 2, 0])],
  ['v1 without an end', `PROXY UNKNOWN ${'x'.repeat(100)}`],
  ['v1 in small letters', 'proxy TCP4 192.0.2.7 198.51.100.1 1 2\r\n'],
  ['v1 of an unknown family', 'PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n'],
  ['v1 with an address of the other family', 'PROXY TCP4 2001:db8::7 198.51.100.1 1 2\r\n'],
  ['v1 with a zone', 'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n'],
  ['v1 without ports', 'PROXY TCP4 192.0.2.7 198.51.100.1\r\n'],
  ['v1 with two blanks', 'PROXY TCP4  192.0.2.7 198.51.100.1 1 2\r\n'],
  ['v1 with more behind', 'PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n'],
  ['v1 with a port too high', 'PROXY TCP4 192.0.2.7 198.51.100.1 65536 2\r\n'],
  ['v1 with a port that begins with 0', 'PROXY TCP4 192.0.2.7 198.51.100.1 01 2\r\n'],
  ['v1 with a negative port', 'PROXY TCP4 192.0.2.7 198.51.100.1 -1 2\r\n'],
  ['version 3', v2(0x31, 0x11, v4Payload)],
  ['v2 with an unknown command', v2(0x22, 0x11, v4Payload)],
  ['v2 over datagrams', v2(0x21, 0x12, v4Payload)],
  ['v2 too short for its addresses', v2(0x21, 0x11, v4Payload.subarray(0, 11))],
  ['v2 IPv6 with addresses of IPv4', v2(0x21, 0x21, v4Payload)],
];

describe('a PROXY header', () => {
  it.each(HEADERS)('is read, split at any byte, with what is behind it: %s', (_, bytes, header) => {
    const behind = Buffer.from('\r\nPROXY {"id":1}\n');
    const all = Buffer.concat([bytes, behind]);
    const splits = bytes.length < 1_000 ? bytes.length : 20;
    for (let at = 1; at < splits; at += 1) {
      const reader = new ProxyHeaderReader();
      expect(reader.push(all.subarray(0, at))).toBeUndefined();
      const found = reader.push(all.subarray(at));
      expect(found?.header).toEqual(header);
      expect(found?.rest.equals(behind)).toBe(true);
    }
  });

  it.each(HEADERS.slice(0, -1))('is read byte by byte: %s', (_, bytes, header) => {
    const reader = new ProxyHeaderReader();
    for (const byte of bytes.subarray(0, -1)) expect(reader.push(Buffer.from([byte]))).toBeUndefined();
    expect(reader.push(bytes.subarray(-1))).toEqual({ header, rest: Buffer.alloc(0) });
  });

  it.each(BAD)('is refused: %s', (_, text) => {
    const bytes = Buffer.from(text);
    expect(() => new ProxyHeaderReader().push(bytes)).toThrow(ProxyHeaderError);
    const reader = new ProxyHeaderReader();
    expect(() => {
      for (const byte of bytes) reader.push(Buffer.from([byte]));
    }).toThrow(ProxyHeaderError);
  });

  it('is refused at the first byte that no header has', () => {
    for (const right of ['PROXY ', SIGNATURE]) {
      for (let at = 0; at < right.length; at += 1) {
        const reader = new ProxyHeaderReader();
        if (at > 0) expect(reader.push(Buffer.from(right.slice(0, at), 'latin1'))).toBeUndefined();
        expect(() => reader.push(Buffer.from('~'))).toThrow(ProxyHeaderError);
      }
    }
  });

  it('shows an IPv4 address inside of IPv6 as IPv4', () => {
    const found = new ProxyHeaderReader().push(Buffer.from('PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n'));
    expect(found?.header.source?.address).toBe('192.0.2.7');
  });

  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  const endpoint = fc.record({ address, port: fc.integer({ min: 0, max: 65_535 }) });

  it('that was written is read again as the same ends, whatever their families', () => {
    fc.assert(
      fc.property(endpoint, endpoint, fc.constantFrom(1, 2), (source, destination, version) => {
        const bytes = encodeProxyHeader(version, { source, destination });
        const { header } = new ProxyHeaderReader().push(bytes)!;
        const again = encodeProxyHeader(
          version,
          header as { source: typeof source; destination: typeof destination },
        );
        expect(again.equals(bytes)).toBe(true);
        expect([header.source?.port, header.destination?.port]).toEqual([source.port, destination.port]);
      }),
    );
  });

  it('without ends says that the connection is its own', () => {
    for (const version of [1, 2] as const) {
      expect(new ProxyHeaderReader().push(encodeProxyHeader(version, undefined))).toEqual({
        header: OWN,
        rest: Buffer.alloc(0),
      });
    }
  });

  it('is never waited for beyond its longest form, and nothing but its own error comes of any bytes', () => {
    const begin = fc.constantFrom(Buffer.alloc(0), Buffer.from('PROXY '), Buffer.from(SIGNATURE, 'latin1'));
    fc.assert(
      fc.property(begin, fc.uint8Array({ maxLength: 300 }), (front, tail) => {
        const reader = new ProxyHeaderReader();
        try {
          const all = Buffer.concat([front, tail, Buffer.alloc(66_000)]);
          expect(reader.push(all)).toBeDefined();
        } catch (error) {
          expect(error).toBeInstanceOf(ProxyHeaderError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
