import { Arguments, UsageError, type OptionSpecs } from './arguments';
import { carryOut } from './control';
import { fleetOptions, MINE_OPTION_SPECS } from './mine-command';
import { POOL_OPTION_SPECS, poolOptions } from './pool-command';

const SPECS: OptionSpecs = {
  port: { kind: 'number', help: '' },
  listen: { kind: 'port', help: '' },
  'stale-rate': { kind: 'rate', help: '' },
  mode: { kind: 'choice', choices: ['fin', 'rst'], help: '' },
  duration: { kind: 'text', help: '' },
  mute: { kind: 'flag', help: '' },
};

describe('Arguments', () => {
  it('reads each kind of option', () => {
    const given = Arguments.parse(['--port', '0', '--mode', 'rst', '--mute', '--duration', '1.5s'], SPECS);
    expect([given.number('port'), given.text('mode'), given.flag('mute')]).toEqual([0, 'rst', true]);
    expect(given.duration('duration')).toBe(1500);
    expect(given.number('stale-rate')).toBeUndefined();
  });

  it.each([
    ['30s', 30_000],
    ['500ms', 500],
    ['2m', 120_000],
    ['5', 5000],
  ])('takes %s for a duration', (text, ms) => {
    expect(Arguments.parse(['--duration', text], SPECS).duration('duration')).toBe(ms);
  });

  it.each([
    [['--prot', '1']],
    [['--port', 'x']],
    [['--port', '-1']],
    [['--port', '']],
    [['--listen', '70000']],
    [['--listen', '1.5']],
    [['--stale-rate', '1.1']],
    [['--mode', 'maybe']],
    [['stray']],
  ])('refuses %j', (args) => {
    expect(() => Arguments.parse(args, SPECS)).toThrow(UsageError);
  });

  it('refuses a duration that is none', () => {
    expect(() => Arguments.parse(['--duration', 'soon'], SPECS).duration('duration')).toThrow(UsageError);
  });
});

describe('poolOptions', () => {
  const options = (...args: string[]) => poolOptions(Arguments.parse(args, POOL_OPTION_SPECS));

  it('makes each hash a share with --fast, unless a difficulty is given', () => {
    expect(options('--fast').difficulty).toBe(2 ** -32);
    expect(options('--fast', '--difficulty', '0.5').difficulty).toBe(0.5);
  });

  it('knows that difficulty 1 of scrypt is 65,536 times as easy', () => {
    expect(options('--algorithm', 'scrypt', '--fast')).toMatchObject({
      algorithm: 'scrypt',
      difficulty: 2 ** -16,
    });
    expect(options('--algorithm', 'scrypt', '--vardiff-shares-per-minute', '60').vardiff?.minDifficulty).toBe(
      2 ** -16,
    );
    expect(() => options('--algorithm', 'x11')).toThrow(UsageError);
  });

  it('speaks stratum1 unless told otherwise', () => {
    expect(options().dialect).toBe('stratum1');
    expect(options('--dialect', 'any').dialect).toBe('any');
    expect(() => options('--dialect', 'mixed')).toThrow(UsageError);
  });

  it('hands faults on', () => {
    expect(options('--silent-after', '3', '--unanswered-rate', '0.5').faults).toMatchObject({
      silentAfter: 3,
      unansweredRate: 0.5,
      closeAfter: undefined,
    });
  });
});

describe('fleetOptions', () => {
  const options = (...args: string[]) => fleetOptions(Arguments.parse(args, MINE_OPTION_SPECS), 3333);

  it('paces by shares, hashes or not at all', () => {
    expect(options('--accounts', '3', '--shares-per-minute', '20').pace).toEqual({
      kind: 'shares',
      perSecond: 1,
    });
    expect(options('--submits-per-second', '500').pace).toEqual({ kind: 'shares', perSecond: 500 });
    expect(options('--hashrate', '1000').pace).toEqual({ kind: 'hashes', perSecondEach: 1000 });
    expect(options('--fast').pace).toEqual({ kind: 'flat-out' });
  });

  it('takes rates and counts of wrong shares', () => {
    expect(options('--stale-rate', '0.1', '--low-difficulty-count', '4').shareFaults).toEqual({
      rates: { stale: 0.1 },
      counts: { low_difficulty: 4 },
    });
  });

  it('speaks stratum1 unless told otherwise', () => {
    expect(options().dialect).toBe('stratum1');
    expect(options('--dialect', 'mixed').dialect).toBe('mixed');
  });

  it('mines in TLS on request only, and verifies unless told not to', () => {
    expect(options().tls).toBeUndefined();
    expect(options('--tls').tls).toEqual({ ca: undefined, verify: true });
    expect(options('--tls', '--insecure').tls).toEqual({ ca: undefined, verify: false });
  });

  it.each([
    [['--insecure']],
    [['--ca', __filename]],
    [['--tls', '--ca', __filename]],
    [['--tls', '--ca', 'nowhere']],
  ])('refuses %j', (args) => {
    expect(() => options(...args)).toThrow(UsageError);
  });

  it('needs a miner', () => {
    expect(() => options('--accounts', '0')).toThrow(UsageError);
  });

  it('reconnects unless told not to', () => {
    expect(options().reconnectDelayMs).toBe(1000);
    expect(options('--no-reconnect').reconnectDelayMs).toBeUndefined();
  });
});

describe('carryOut', () => {
  const handlers = {
    double: ({ value }: Readonly<Record<string, unknown>>) => ({ doubled: Number(value) * 2 }),
  };

  it('answers a command with what it returns', () => {
    expect(carryOut('{"cmd":"double","value":21}', handlers)).toEqual({
      event: 'done',
      cmd: 'double',
      doubled: 42,
    });
  });

  it('answers what it cannot carry out with an error', () => {
    for (const line of ['no json', '[]', '{"cmd":"toString"}', '{}', 'null']) {
      expect(carryOut(line, handlers)).toMatchObject({ event: 'error' });
    }
  });
});
