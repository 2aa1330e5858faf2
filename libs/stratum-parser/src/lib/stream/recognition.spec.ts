import { StratumInspector } from '../..';
import { EventTally, forEverySplit } from '../../testing';

function after(
  pieces: readonly Uint8Array[],
  answer = Buffer.alloc(0),
): { kinds: string[]; inspector: StratumInspector } {
  const tally = new EventTally();
  const inspector = new StratumInspector({}, tally);
  for (const piece of pieces) inspector.chunk('to_upstream', piece);
  inspector.chunk('to_downstream', answer);
  return {
    kinds: tally.events.map((e) => (e.kind === 'dialect' ? `dialect ${e.dialect}` : e.kind)),
    inspector,
  };
}

const SUBSCRIBE = '{"id":1,"method":"mining.subscribe","params":[]}\n';

describe('the first bytes of a miner', () => {
  it.each([
    ['lines', SUBSCRIBE, ['dialect stratum1', 'subscribe']],
    ['lines after padding', `\r\n\0 \u{feff}${SUBSCRIBE}`, ['dialect stratum1', 'subscribe']],
    [
      'lines after a byte order mark and padding',
      `\u{feff}\0 \r\n${SUBSCRIBE}`,
      ['dialect stratum1', 'subscribe'],
    ],
    ['junk and lines', `hello\n${SUBSCRIBE}`, ['malformed', 'dialect stratum1', 'subscribe']],
    ['TLS', '\x16\x03\x01\x02\x00\x01', ['tls', 'dialect tls']],
    ['HTTP', 'OPTIONS * HTTP/1.1\r\n\r\n', ['http', 'dialect http']],
    ['a name that begins as a method does', 'GETTING\n', ['malformed']],
    [
      'a PROXY header and lines',
      `PROXY UNKNOWN\r\n${SUBSCRIBE}`,
      ['proxy_header', 'dialect stratum1', 'subscribe'],
    ],
    [
      'a PROXY header and TLS',
      'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n\x16\x03\x01',
      ['proxy_header', 'tls', 'dialect tls'],
    ],
    ['two PROXY headers', 'PROXY UNKNOWN\r\nPROXY UNKNOWN\r\n', ['proxy_header', 'malformed']],
    ['a PROXY header without end', `PROXY ${'x'.repeat(110)}\n`, ['malformed']],
    [
      'lax JSON and lines',
      `{id: 1, method: 'mining.subscribe', params: ['a miner of a long name/1.2.3']}\n${SUBSCRIBE}`,
      ['malformed', 'dialect stratum1', 'subscribe'],
    ],
    [
      'what begins as lax JSON and is no plain text',
      `{id${'\u00e9'.repeat(70)}`,
      ['dialect opaque', 'sv2', 'dialect stratum2', 'dialect opaque'],
    ],
    ['text that is no ASCII', 'Aé\n', ['dialect opaque']],
    ['an object that turns binary', '{"a\x01', ['dialect opaque']],
    [
      'random bytes that begin as an object',
      `{${'~'.repeat(80)}`,
      ['dialect opaque', 'sv2', 'dialect stratum2', 'dialect opaque'],
    ],
  ])('say %s, wherever they are cut', (_, text, kinds) => {
    const bytes = Buffer.from(text, 'utf8');
    forEverySplit(bytes, (pieces) => expect(after(pieces).kinds).toEqual(kinds));
  });

  it.each([
    ['binary', '00ff00ff', ['dialect opaque']],
    ['plain Stratum V2', '0000001900000002000200000000', ['sv2', 'dialect stratum2']],
    ['no TLS after all', '1604', ['dialect opaque']],
    [
      'PROXY version 2 with more than addresses',
      `0d0a0d0a000d0a515549540a21110014cb007107c6336401c8220d05${'00'.repeat(8)}160301`,
      ['proxy_header', 'tls', 'dialect tls'],
    ],
    [
      'PROXY version 2, LOCAL',
      `0d0a0d0a000d0a515549540a20000000${Buffer.from(SUBSCRIBE).toString('hex')}`,
      ['proxy_header', 'dialect stratum1', 'subscribe'],
    ],
  ])('say %s, wherever they are cut', (_, hex, kinds) => {
    forEverySplit(Buffer.from(hex, 'hex'), (pieces) => expect(after(pieces).kinds).toEqual(kinds));
  });

  it('say nothing as long as they are the start of a keyword', () => {
    for (const start of ['P', 'PRO', 'GE', '\x16', '\r\n']) {
      expect(after([Buffer.from(start, 'latin1')]).inspector.mode).toBe('undecided');
    }
  });

  it('are Stratum V2 behind Noise when they are exactly 64 before the pool speaks', () => {
    const act1 = Buffer.alloc(64, 0x9b);
    const told = ['dialect opaque', 'sv2', 'dialect stratum2'];
    forEverySplit(act1, (pieces) => {
      expect(after(pieces).kinds).toEqual(told);
      expect(after(pieces, Buffer.alloc(170, 0x77)).kinds).toEqual(told);
    });
    forEverySplit(Buffer.alloc(65, 0x9b), (pieces) => {
      expect(after(pieces).kinds).toEqual([...told, 'dialect opaque']);
    });
    forEverySplit(Buffer.alloc(63, 0x9b), (pieces) => {
      const { inspector, kinds } = after(pieces, Buffer.alloc(170, 0x77));
      inspector.chunk('to_upstream', Buffer.alloc(1));
      expect([kinds, inspector.dialect]).toEqual([['dialect opaque'], 'opaque']);
    });
  });

  it('end the reading of what is no text', () => {
    const { inspector, kinds } = after([Buffer.from([0x16, 3, 1])], Buffer.from('{"id":1,"result":true}\n'));
    inspector.chunk('to_upstream', Buffer.from(SUBSCRIBE));
    expect(inspector.dialect).toBe('tls');
    expect(kinds).toEqual(['tls', 'dialect tls']);
    expect(inspector.pendingCount).toBe(0);
  });

  it('leave a pool that speaks first to be read as lines', () => {
    const tally = new EventTally();
    const inspector = new StratumInspector({}, tally);
    inspector.chunk(
      'to_downstream',
      Buffer.from('{"id":null,"method":"mining.set_difficulty","params":[4]}\n'),
    );
    expect(inspector.nextDifficulty).toBe(4);
    expect(inspector.mode).toBe('undecided');
    expect(tally.notifications).toBe(1);
  });
});
