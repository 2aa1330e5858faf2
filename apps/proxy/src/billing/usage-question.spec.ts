import { ParameterError } from './parameters';
import { formatOf, usageQueryOf } from './usage-question';

const HOUR_5 = Date.UTC(2026, 10, 1, 5);

describe('usageQueryOf', () => {
  it('reads times in UTC, groups, client and page', () => {
    expect(
      usageQueryOf({
        from: '2026-11-01',
        to: '2026-11-01T05:00:00Z',
        client_id: 'acme',
        group_by: 'client,day',
        limit: '10',
        cursor: 'abc',
      }),
    ).toEqual({
      from: Date.UTC(2026, 10, 1),
      to: HOUR_5,
      clientId: 'acme',
      groupBy: ['client', 'day'],
      limit: 10,
      cursor: 'abc',
    });
  });

  it('knows the leap day', () => {
    expect(usageQueryOf({ from: '2028-02-29' })).toMatchObject({ from: Date.UTC(2028, 1, 29) });
  });

  it('asks for everything in one sum where nothing is given', () => {
    expect(usageQueryOf({})).toEqual({ groupBy: [], limit: 1_000 });
  });

  it.each([
    ['from', 'yesterday'],
    ['from', '2026-13-01'],
    ['from', '2026-02-30'],
    ['to', '2026-02-29'],
    ['to', '2026-02-28T24:00:00Z'],
    ['to', '2026-11-01T05:00:00+02:00'],
    ['to', '2026-11-01T05:00:00'],
    ['group_by', 'client,colour'],
    ['limit', '0'],
    ['limit', '10001'],
    ['limit', '1e3'],
    ['client_id', ['a', 'b']],
    ['group-by', 'client'],
  ])('refuses %s=%j and says what to do', (name, value) => {
    expect(() => usageQueryOf({ [name]: value })).toThrow(ParameterError);
  });
});

describe('formatOf', () => {
  it('is JSON unless CSV is asked for', () => {
    expect([formatOf(undefined), formatOf('json'), formatOf('csv')]).toEqual(['json', 'json', 'csv']);
    expect(() => formatOf('xml')).toThrow('format must be json or csv');
  });
});
