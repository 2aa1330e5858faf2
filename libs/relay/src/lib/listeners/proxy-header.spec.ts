import fc from 'fast-check';
import {
  ProxyHeaderError,
  ProxyHeaderReader,
  encodeProxyHeader,
  type Endpoint,
  type ProxyHeader,
} from './proxy-header';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const LONGEST = 16 + 65_535;
const LOCAL = 0x20;
const PROXY = 0x21;

const OWN: ProxyHeader = { source: undefined, destination: undefined };
const V4_ENDS = {
  source: { address: '192.0.2.7', port: 51_234 },
  destination: { address: '198.51.100.1', port: 3_333 },
};
const V6_ENDS = {
  source: { address: '2001:db8::7', port: 0 },
  destination: { address: '::1', port: 65_535 },
};
const V4_BLOCK = Buffer.from('c0000207' + 'c6336401' + 'c822' + '0d05', 'hex');
const V6_BLOCK = Buffer.from(
  '20010db8000000000000000000000007' + '00000000000000000000000000000001' + '0000' + 'ffff',
  'hex',
);
const TLVS = Buffer.from('040003616263' + 'ee0001ff', 'hex');
/** The last of it says that 65,535 bytes follow. */
const TLV_CUT_SHORT = Buffer.from('04ffff', 'hex');

/** Looks like both ends of a header and the beginning of another one. */
const BEHIND = Buffer.from('\r\nPROXY TCP4 {"id":1,"method":"mining.subscribe"}\n\0\xff', 'latin1');

function v2(command: number, family: number, block: Buffer, length = block.length): Buffer {
  return Buffer.concat([SIGNATURE, Buffer.from([command, family, length >> 8, length & 255]), block]);
}

function padded(block: Buffer, length: number): Buffer {
  return Buffer.concat([block, Buffer.alloc(length - block.length, 0xa5)]);
}

function line(text: string): Buffer {
  return Buffer.from(`${text}\r\n`, 'latin1');
}

const SHORT_HEADERS: readonly (readonly [string, Buffer, ProxyHeader])[] = [
  ['v1 TCP4', line('PROXY TCP4 192.0.2.7 198.51.100.1 51234 3333'), V4_ENDS],
  ['v1 TCP6', line('PROXY TCP6 2001:db8::7 ::1 0 65535'), V6_ENDS],
  ['v1 UNKNOWN', line('PROXY UNKNOWN'), OWN],
  ['v1 UNKNOWN of 107 bytes', line(`PROXY UNKNOWN ${'\rf'.repeat(45)}\n`), OWN],
  ['v2 TCP4', v2(PROXY, 0x11, V4_BLOCK), V4_ENDS],
  ['v2 TCP6', v2(PROXY, 0x21, V6_BLOCK), V6_ENDS],
  ['v2 TCP4 with TLVs', v2(PROXY, 0x11, Buffer.concat([V4_BLOCK, TLVS])), V4_ENDS],
  ['v2 TCP6 with a TLV cut short', v2(PROXY, 0x21, Buffer.concat([V6_BLOCK, TLV_CUT_SHORT])), V6_ENDS],
  ['v2 UNSPEC', v2(PROXY, 0x00, Buffer.alloc(0)), OWN],
  ['v2 UNSPEC with a payload', v2(PROXY, 0x00, V4_BLOCK), OWN],
  ['v2 UNSPEC over a stream', v2(PROXY, 0x01, TLVS), OWN],
  ['v2 UNIX', v2(PROXY, 0x31, padded(Buffer.from('/run/a'), 216)), OWN],
  ['v2 LOCAL', v2(LOCAL, 0x00, Buffer.alloc(0)), OWN],
  ['v2 LOCAL with addresses', v2(LOCAL, 0x11, V4_BLOCK), OWN],
  ['v2 LOCAL with too few bytes for its family', v2(LOCAL, 0x21, V4_BLOCK), OWN],
  ['v2 LOCAL over datagrams', v2(LOCAL, 0x12, V4_BLOCK), OWN],
  ['v2 LOCAL of no family there is', v2(LOCAL, 0xff, TLVS), OWN],
];

const LONG_HEADERS: typeof SHORT_HEADERS = [
  ['v2 TCP4 of 65,551 bytes', v2(PROXY, 0x11, padded(V4_BLOCK, 65_535)), V4_ENDS],
  ['v2 LOCAL of 65,551 bytes', v2(LOCAL, 0x00, padded(V4_BLOCK, 65_535)), OWN],
];

const BAD_LINES: readonly (readonly [string, string])[] = [
  ['small letters', 'proxy TCP4 192.0.2.7 198.51.100.1 1 2'],
  ['no family', 'PROXY '],
  ['a family in small letters', 'PROXY tcp4 192.0.2.7 198.51.100.1 1 2'],
  ['a family that does not exist', 'PROXY TCP5 192.0.2.7 198.51.100.1 1 2'],
  ['datagrams', 'PROXY UDP4 192.0.2.7 198.51.100.1 1 2'],
  ['more than UNKNOWN for a family', 'PROXY UNKNOWNS'],
  ['a source of the other family', 'PROXY TCP4 2001:db8::7 198.51.100.1 1 2'],
  ['a destination of the other family', 'PROXY TCP6 2001:db8::7 198.51.100.1 1 2'],
  ['an address with a leading zero', 'PROXY TCP4 192.0.2.07 198.51.100.1 1 2'],
  ['an address of three numbers', 'PROXY TCP4 192.0.2 198.51.100.1 1 2'],
  ['an address with a zero byte', 'PROXY TCP4 192.0.2.7\0 198.51.100.1 1 2'],
  ['an IPv6 address in brackets', 'PROXY TCP6 [2001:db8::7] ::1 1 2'],
  ['an IPv6 address with a zone', 'PROXY TCP6 fe80::7%eth0 ::1 1 2'],
  ['a host name', 'PROXY TCP4 localhost 198.51.100.1 1 2'],
  ['no ports', 'PROXY TCP4 192.0.2.7 198.51.100.1'],
  ['one port', 'PROXY TCP4 192.0.2.7 198.51.100.1 1'],
  ['three ports', 'PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3'],
  ['two spaces behind PROXY', 'PROXY  TCP4 192.0.2.7 198.51.100.1 1 2'],
  ['two spaces between addresses', 'PROXY TCP4 192.0.2.7  198.51.100.1 1 2'],
  ['a space at the end', 'PROXY TCP4 192.0.2.7 198.51.100.1 1 2 '],
  ['a tab', 'PROXY TCP4 192.0.2.7\t198.51.100.1 1 2'],
  ['a line feed alone at its end', 'PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n{}'],
  ['a carriage return alone at its end', 'PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r'],
];

const BAD_PORTS = ['65536', '99999', '100000', '-1', '+1', '01', '00', '1.0', '1e3', '0x1', 'a', ''];

const BAD_BYTES: readonly (readonly [string, Buffer])[] = [
  ['Stratum', Buffer.from('{"id":1,"method":"mining.subscribe","params":[]}\n')],
  ['a TLS hello', Buffer.from('1603010200010001fc0303', 'hex')],
  ['a v1 line of 108 bytes', line(`PROXY UNKNOWN ${'f'.repeat(92)}`)],
  ['a v1 line without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(96)}`)],
  ['version 1 in the signature of 2', v2(0x11, 0x11, V4_BLOCK)],
  ['version 3', v2(0x31, 0x11, V4_BLOCK)],
  ['version 3, LOCAL', v2(0x30, 0x00, Buffer.alloc(0))],
  ['command 2', v2(0x22, 0x11, V4_BLOCK)],
  ['command 15', v2(0x2f, 0x11, V4_BLOCK)],
  ['TCP4 with 11 bytes', v2(PROXY, 0x11, V4_BLOCK.subarray(1))],
  ['TCP4 without any', v2(PROXY, 0x11, Buffer.alloc(0))],
  ['TCP6 with 35 bytes', v2(PROXY, 0x21, V6_BLOCK.subarray(1))],
  ['TCP6 with the addresses of TCP4', v2(PROXY, 0x21, V4_BLOCK)],
  ['UNIX with 215 bytes', v2(PROXY, 0x31, Buffer.alloc(215))],
  ['UDP over IPv4', v2(PROXY, 0x12, V4_BLOCK)],
  ['UDP over IPv6', v2(PROXY, 0x22, V6_BLOCK)],
  ['UNIX datagrams', v2(PROXY, 0x32, Buffer.alloc(216))],
  ['datagrams of UNSPEC', v2(PROXY, 0x02, V4_BLOCK)],
  ['IPv4 over no transport', v2(PROXY, 0x10, V4_BLOCK)],
  ['a family that does not exist', v2(PROXY, 0x41, Buffer.alloc(216))],
  ['a transport that does not exist', v2(PROXY, 0x13, V4_BLOCK)],
];

type Found = ReturnType<ProxyHeaderReader['push']>;

/** What the reader says to the last of these pieces; it must want more after each one before. */
function readPieces(pieces: readonly Buffer[]): Found {
  const reader = new ProxyHeaderReader();
  for (const piece of pieces.slice(0, -1)) expect(reader.push(piece)).toBeUndefined();
  return reader.push(pieces.at(-1)!);
}

function read(bytes: Buffer): Found {
  return readPieces([bytes]);
}

function byteByByte(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

function forEverySplit(bytes: Buffer, ofHeader: number, check: (pieces: Buffer[]) => void): void {
  for (let at = 1; at < ofHeader; at += 1) check([bytes.subarray(0, at), bytes.subarray(at)]);
}

function expectFound(found: Found, header: ProxyHeader, rest: Buffer): void {
  expect(found?.header).toEqual(header);
  expect(found?.rest.toString('hex')).toBe(rest.toString('hex'));
}

/** Feeds the bytes one at a time: what was thrown, and how many bytes it took. */
function refusal(bytes: Buffer): { error: unknown; after: number } {
  const reader = new ProxyHeaderReader();
  for (let at = 0; at < bytes.length; at += 1) {
    try {
      reader.push(bytes.subarray(at, at + 1));
    } catch (error) {
      return { error, after: at + 1 };
    }
  }
  return { error: undefined, after: Infinity };
}

function expectRefused(bytes: Buffer): void {
  expect(() => read(bytes)).toThrow(ProxyHeaderError);
  expect(refusal(bytes).error).toBeInstanceOf(ProxyHeaderError);
}

describe('ProxyHeaderReader', () => {
  it.each(SHORT_HEADERS)('reads %s, split at any byte, and keeps what is behind it', (_, bytes, header) => {
    const all = Buffer.concat([bytes, BEHIND]);
    expectFound(read(all), header, BEHIND);
    forEverySplit(all, bytes.length, (pieces) => expectFound(readPieces(pieces), header, BEHIND));
  });

  it.each([...SHORT_HEADERS, ...LONG_HEADERS])(
    'reads %s byte by byte, and is done with its last byte',
    (_, bytes, header) => {
      const reader = new ProxyHeaderReader();
      const last = bytes.length - 1;
      const early = byteByByte(bytes.subarray(0, last)).filter((byte) => reader.push(byte) !== undefined);
      expect(early).toEqual([]);
      expectFound(reader.push(bytes.subarray(last)), header, Buffer.alloc(0));
    },
  );

  it.each(LONG_HEADERS)('reads %s at once, and keeps what is behind it', (_, bytes, header) => {
    expectFound(read(Buffer.concat([bytes, BEHIND])), header, BEHIND);
  });

  it.each([
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:0db8:0000:0001:0001:0001:0001:0001', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:C000:0207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:c000:207', '192.0.2.7'],
    ['::ffff:0:0', '0.0.0.0'],
    ['::ffff:0:c000:207', '::ffff:0:c000:207'],
  ])('shows %s as %s, from a line and from bytes', (written, shown) => {
    const source = { address: shown, port: 1 };
    const destination = { address: '2001:db8::9', port: 2 };
    const found = read(line(`PROXY TCP6 ${written} 2001:db8::9 1 2`));
    expect(found?.header).toEqual({ source, destination });
    const again = read(encodeProxyHeader(2, { source: { address: written, port: 1 }, destination }));
    expect(again?.header).toEqual({ source, destination });
  });

  it.each(BAD_LINES)('refuses a v1 line with %s', (_, text) => expectRefused(line(text)));

  it.each(BAD_PORTS)('refuses "%s" for a port', (port) => {
    expectRefused(line(`PROXY TCP4 192.0.2.7 198.51.100.1 ${port} 2`));
    expectRefused(line(`PROXY TCP4 192.0.2.7 198.51.100.1 1 ${port}`));
  });

  it.each(BAD_BYTES)('refuses %s', (_, bytes) => expectRefused(bytes));

  it.each([
    ['version 1', Buffer.from('PROXY ')],
    ['version 2', SIGNATURE],
  ])('refuses at once a wrong byte anywhere in the beginning of %s', (_, beginning) => {
    for (let at = 0; at < beginning.length; at += 1) {
      const wrong = Buffer.from(beginning);
      wrong[at] = beginning.readUInt8(at) ^ 0x20;
      expect(refusal(wrong)).toEqual({ error: expect.any(ProxyHeaderError) as unknown, after: at + 1 });
    }
  });

  it.each([
    ['a version', v2(0x31, 0x11, V4_BLOCK), 13],
    ['a command', v2(0x22, 0x11, V4_BLOCK), 13],
    ['a family', v2(PROXY, 0x12, V4_BLOCK), 16],
    ['a length', v2(PROXY, 0x11, V4_BLOCK, 11), 16],
    ['the end of a line', Buffer.from(`PROXY UNKNOWN ${' '.repeat(200)}`), 107],
  ])('does not wait for the rest where %s is wrong', (_, bytes, after) => {
    expect(refusal(bytes).after).toBe(after);
  });

  it('says what was wrong without the words of whoever sent it', () => {
    const secret = 'correct-horse\x1b[31m';
    for (const bytes of [secret, `PROXY ${secret}\r\n`, `PROXY TCP4 ${secret} 1.2.3.4 1 2\r\n`]) {
      const refused = () => read(Buffer.from(bytes));
      expect(refused).toThrow(/^[ -~]{10,100}$/);
      expect(refused).not.toThrow(/horse/);
    }
  });

  it('throws nothing but its own error, whatever comes, and waits for no more than 65,551 bytes', () => {
    const tame = fc.constantFrom(...'PROXY TCP46 :.0123456789af%\r\n'.split(''));
    const beginning = fc.constantFrom(
      Buffer.alloc(0),
      ...['PROXY ', 'PROXY TCP4 ', 'PROXY TCP6 ::', 'PROXY UNKNOWN'].map((text) => Buffer.from(text)),
      ...[SIGNATURE, v2(PROXY, 0x11, V4_BLOCK, 65_535), v2(PROXY, 0x21, V4_BLOCK, 40), v2(LOCAL, 0, TLVS, 9)],
    );
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.array(tame, { maxLength: 120 }).map((letters) => Buffer.from(`${letters.join('')}\r\n`)),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(beginning, noise, sizes, (front, tail, pieces) => {
        const all = padded(Buffer.concat([front, tail]), LONGEST);
        const reader = new ProxyHeaderReader();
        let found: Found;
        let at = 0;
        try {
          for (const size of [...pieces, LONGEST]) {
            found = reader.push(all.subarray(at, at + size));
            if (found !== undefined) break;
            at += size;
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ProxyHeaderError);
          return;
        }
        expect(found).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('encodeProxyHeader', () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  const v4 = fc.ipV4();
  const v6 = fc.ipV6();
  const mapped = v4.map((address) => `::ffff:${address}`);
  const endpoint = (address: fc.Arbitrary<string>) => fc.record({ address, port });
  const version = fc.constantFrom<1 | 2>(1, 2);

  /** The same end with its address as the reader shows it, which the encoder has no part in. */
  function asShown({ address, port: number }: Endpoint): Endpoint {
    const written = address.includes(':') ? address : `::ffff:${address}`;
    return read(line(`PROXY TCP6 ${written} :: ${number} 0`))!.header.source!;
  }

  it.each([
    ['both IPv4', v4, v4],
    ['both IPv6', v6, v6],
    ['IPv4 to IPv6', v4, v6],
    ['IPv6 to IPv4', v6, v4],
    ['IPv4 inside of IPv6 to IPv4', mapped, v4],
    ['IPv4 inside of IPv6 to IPv6', mapped, v6],
  ])('writes ends that are read again: %s', (_, from, to) => {
    fc.assert(
      fc.property(version, endpoint(from), endpoint(to), (written, source, destination) => {
        const bytes = encodeProxyHeader(written, { source, destination });
        const found = read(Buffer.concat([bytes, BEHIND]));
        expectFound(found, { source: asShown(source), destination: asShown(destination) }, BEHIND);
        if (written === 1) expect(bytes.length).toBeLessThanOrEqual(107);
      }),
    );
  });

  it('writes version 1 as others read it', () => {
    expect(encodeProxyHeader(1, V4_ENDS)).toEqual(line('PROXY TCP4 192.0.2.7 198.51.100.1 51234 3333'));
    expect(encodeProxyHeader(1, V6_ENDS)).toEqual(line('PROXY TCP6 2001:db8::7 ::1 0 65535'));
    expect(encodeProxyHeader(1, undefined)).toEqual(line('PROXY UNKNOWN'));
  });

  it('writes version 2 as others read it', () => {
    expect(encodeProxyHeader(2, V4_ENDS)).toEqual(v2(PROXY, 0x11, V4_BLOCK));
    expect(encodeProxyHeader(2, V6_ENDS)).toEqual(v2(PROXY, 0x21, V6_BLOCK));
    expect(encodeProxyHeader(2, undefined)).toEqual(v2(LOCAL, 0x00, Buffer.alloc(0)));
  });

  it('writes the IPv4 end of two families as IPv6', () => {
    const ends = { source: V4_ENDS.source, destination: V6_ENDS.destination };
    expect(encodeProxyHeader(1, ends)).toEqual(line('PROXY TCP6 ::ffff:192.0.2.7 ::1 51234 65535'));
    const block = '00000000000000000000ffffc0000207' + '00000000000000000000000000000001' + 'c822' + 'ffff';
    expect(encodeProxyHeader(2, ends)).toEqual(v2(PROXY, 0x21, Buffer.from(block, 'hex')));
  });

  it('writes two IPv4 addresses inside of IPv6 as IPv4', () => {
    const { source, destination } = V4_ENDS;
    const ends = {
      source: { ...source, address: `::ffff:${source.address}` },
      destination: { ...destination, address: `::ffff:${destination.address}` },
    };
    for (const each of [1, 2] as const) {
      expect(encodeProxyHeader(each, ends)).toEqual(encodeProxyHeader(each, V4_ENDS));
    }
  });

  it('leaves out the zone of an address, which means nothing to another machine', () => {
    const local = { address: 'fe80::7%eth0', port: 1 };
    for (const each of [1, 2] as const) {
      const found = read(encodeProxyHeader(each, { source: local, destination: V6_ENDS.destination }));
      expect(found?.header.source).toEqual({ address: 'fe80::7', port: 1 });
    }
  });
});
