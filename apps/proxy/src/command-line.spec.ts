import { parseCommand } from './command-line';

describe('parseCommand', () => {
  it.each([
    [[], { name: 'run' }],
    [['--check-config'], { name: 'check-config' }],
    [['--help'], { name: 'help' }],
    [['-v'], { name: 'version' }],
    [['help'], { name: 'help' }],
    [['usage', '--help'], { name: 'help' }],
    [['statement', 'acme', '-h'], { name: 'help' }],
    [['statement', '--', '-h', '2026-11'], { name: 'statement', clientId: '-h', month: '2026-11' }],
    [['usage'], { name: 'usage', parameters: {} }],
    [
      ['usage', '--from', '2026-11-01', '--client-id=acme', '--group-by', 'day', '--format', 'csv'],
      {
        name: 'usage',
        parameters: { from: '2026-11-01', client_id: 'acme', group_by: 'day', format: 'csv' },
      },
    ],
    [['statement', 'acme', '2026-11'], { name: 'statement', clientId: 'acme', month: '2026-11' }],
    [
      ['statement', 'acme', '2026-11', '--format', 'csv'],
      { name: 'statement', clientId: 'acme', month: '2026-11', format: 'csv' },
    ],
    [['close', '2026-11'], { name: 'close', month: '2026-11', without: [] }],
    [
      ['close', '2026-11', '--without', 'a', '--without', 'b'],
      { name: 'close', month: '2026-11', without: ['a', 'b'] },
    ],
    [['verify', '2026-11'], { name: 'verify', month: '2026-11' }],
    [['backup', '/backup/ledger.db'], { name: 'backup', file: '/backup/ledger.db' }],
    [
      ['reconcile', 'page1.json', 'page2.json', '--month', '2026-11'],
      {
        name: 'reconcile',
        files: ['page1.json', 'page2.json'],
        month: '2026-11',
        columns: [],
        options: {},
        decimalComma: false,
      },
    ],
    [
      [
        ...['reconcile', '--utc-offset', '-03:00', 'a.csv', '--columns', 'day=Tag', '--columns', 'shares=N'],
        ...['--month=2026-11', '--client-id', 'acme', '--decimal-comma'],
      ],
      {
        name: 'reconcile',
        files: ['a.csv'],
        month: '2026-11',
        columns: ['day=Tag', 'shares=N'],
        options: { 'utc-offset': '-03:00', 'client-id': 'acme' },
        decimalComma: true,
      },
    ],
    [['sessions'], { name: 'sessions', format: 'table' }],
    [
      ['sessions', '--client-id', 'acme', '--format', 'json'],
      { name: 'sessions', clientId: 'acme', format: 'json' },
    ],
    [['pools', '--format=json'], { name: 'pools', format: 'json' }],
    [['workers'], { name: 'workers', format: 'table' }],
    [
      ['workers', '--client-id', 'acme', '--state', 'gone'],
      { name: 'workers', clientId: 'acme', state: 'gone', format: 'table' },
    ],
    [['refused'], { name: 'refused', format: 'table' }],
    [['reload'], { name: 'reload', format: 'table' }],
  ])('understands %j', (args, command) => {
    expect(parseCommand(args)).toEqual(command);
  });

  it.each([
    [['--colour']],
    [['serve']],
    [['usage', 'acme']],
    [['statement', 'acme']],
    [['close']],
    [['close', '2026-11', '2026-12']],
    [['verify', '--month', '2026-11']],
    [['backup']],
    [['reconcile', '--month', '2026-11']],
    [['reconcile', 'a.csv']],
    [['reconcile', 'a.csv', '--month', '2026-11', '--colums', 'day=Day']],
    [['pools', 'eu']],
    [['sessions', '--format', 'csv']],
  ])('refuses %j', (args) => {
    expect(() => parseCommand(args)).toThrow(/^(expected|Unknown option|Unexpected argument)/);
  });
});
