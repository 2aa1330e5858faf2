import { readFileTime, readOffset } from './file-time';

const EAST = 8 * 3_600_000;

describe('readFileTime', () => {
  it.each([
    ['2026-11-01', '2026-10-31T16:00:00.000Z', true],
    ['2026/11/01', '2026-10-31T16:00:00.000Z', true],
    ['2026-11-01 05:00', '2026-10-31T21:00:00.000Z', false],
    ['2026-11-01T05:00:00Z', '2026-11-01T05:00:00.000Z', false],
    ['2026-11-01T05:00:00.000Z', '2026-11-01T05:00:00.000Z', false],
    ['2026-11-01 05:00:00 UTC', '2026-11-01T05:00:00.000Z', false],
    ['2026-11-01T05:00:00+02:00', '2026-11-01T03:00:00.000Z', false],
    ['1793509200', '2026-11-01T05:00:00.000Z', false],
    ['1793509200000', '2026-11-01T05:00:00.000Z', false],
  ])('reads %s, in the time of a pool east of Greenwich', (text, at, isDay) => {
    expect(readFileTime(text, EAST)).toEqual({ at: Date.parse(at), isDay });
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '2026-00-01',
    '01.11.2026',
    '11/01/2026',
    '2026-11-01T24:00:00Z',
    '12',
  ])('takes %j for no time', (text) => {
    expect(readFileTime(text, 0)).toBeUndefined();
  });
});

describe('readOffset', () => {
  it.each([
    ['+08:00', EAST],
    ['-03:30', -12_600_000],
    ['+8', EAST],
    ['-0330', -12_600_000],
    ['+00:00', 0],
    ['8', undefined],
    ['+15:00', undefined],
    ['+01:60', undefined],
    ['Europe/Berlin', undefined],
  ])('reads %s', (text, ms) => {
    expect(readOffset(text)).toBe(ms);
  });
});
