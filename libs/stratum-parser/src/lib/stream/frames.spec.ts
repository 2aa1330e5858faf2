import { StratumInspector } from '../..';
import type { Direction } from '../..';
import { EventTally, forEverySplit, inPieces } from '../../testing';

const SUBSCRIBE = '{"id":"sub","method":"mining.subscribe","params":["btccom-agent/2"]}\n';
const SUBMIT = '{"id":4,"method":"mining.submit","params":["a.b","j1","0","0","0"]}\n';

/** A frame of the given length in all; its content is LFs, marks and braces. */
function frame(command: number, length: number): Buffer {
  const bytes = Buffer.alloc(length, '\n\x7f{');
  bytes.set([0x7f, command, length & 0xff, length >> 8]);
  return bytes;
}

function told(direction: Direction, pieces: readonly Buffer[]): string[] {
  const tally = new EventTally();
  const inspector = new StratumInspector({}, tally);
  if (direction === 'to_downstream') inspector.chunk('to_upstream', Buffer.from(SUBSCRIBE));
  for (const piece of pieces) inspector.chunk(direction, piece);
  return tally.events.map((event) => {
    if (event.kind === 'binary_frame') return `${event.cmd}/${event.length}`;
    return event.kind === 'dialect' ? event.dialect : event.kind;
  });
}

describe('binary frames of an agent', () => {
  it.each([
    ['first of all', [frame(1, 32), SUBMIT], ['btcagent', '1/32', 'submit']],
    [
      'between lines',
      [SUBSCRIBE, frame(2, 15), frame(4, 6), SUBMIT],
      ['stratum1', 'subscribe', 'btcagent', '2/15', '4/6', 'submit'],
    ],
    ['as short as they can be', [frame(1, 4), SUBMIT], ['btcagent', '1/4', 'submit']],
    ['that are longer than a line may be', [frame(3, 0xffff), SUBMIT], ['btcagent', '3/65535', 'submit']],
    [
      'of any command once there was one',
      [frame(1, 8), frame(0x66, 9), SUBMIT],
      ['btcagent', '1/8', '102/9', 'submit'],
    ],
  ] as const)('are passed %s, and the lines are read, wherever they are cut', (_, parts, expected) => {
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
    expect(told('to_upstream', inPieces(bytes, 1))).toEqual(expected);
    if (bytes.length > 1000) return;
    forEverySplit(bytes, (pieces) => expect(told('to_upstream', pieces)).toEqual(expected));
  });

  it('are passed in what the pool sends, too', () => {
    const job = '{"id":null,"method":"mining.notify","params":["j1"]}\n';
    const bytes = Buffer.concat([Buffer.from(job), frame(5, 12), Buffer.from(job)]);
    forEverySplit(bytes, (pieces) => {
      expect(told('to_downstream', pieces)).toEqual([
        'stratum1',
        'subscribe',
        'notify',
        'btcagent',
        '5/12',
        'notify',
      ]);
    });
  });

  it.each([
    ['too short', [0x7f, 0x01, 0x03, 0x00]],
    ['of an unknown command', [0x7f, 0x66, 0x08, 0x00]],
    ['with an LF in their head', [0x7f, 0x0a, 0x7b, 0x7d]],
  ])('that are %s are lines that nobody can read', (_, head) => {
    const bytes = Buffer.concat([Buffer.from(SUBSCRIBE), Buffer.from(head), Buffer.from(`\n${SUBMIT}`)]);
    forEverySplit(bytes, (pieces) => {
      const kinds = told('to_upstream', pieces);
      expect(kinds.filter((kind) => kind !== 'malformed')).toEqual(['stratum1', 'subscribe', 'submit']);
      expect(kinds).toContain('malformed');
    });
  });

  it('that are too short at the very start make the stream opaque', () => {
    expect(told('to_upstream', [Buffer.from('7f010300', 'hex'), Buffer.from(SUBMIT)])[0]).toBe('opaque');
  });
});
