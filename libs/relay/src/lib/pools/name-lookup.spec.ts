import dns from 'node:dns';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { resolveNames } from '../../testing';
import { findAddresses } from './name-lookup';

describe('findAddresses', () => {
  let questions: (() => void)[] = [];
  let forgetNames = (): void => undefined;

  beforeEach(() => {
    questions = [];
    forgetNames = resolveNames({ 'pool.test': ['192.0.2.1', '192.0.2.2'] }, (tell) => questions.push(tell));
  });

  afterEach(() => forgetNames());

  /** Asks at this time; gives what is told. */
  const ask = (now: number): unknown[] => {
    const told: unknown[] = [];
    findAddresses('pool.test', now, (error, addresses) => told.push([error, addresses]));
    return told;
  };
  const FOUND = [[null, ['192.0.2.1', '192.0.2.2']]];

  it('gives all who ask meanwhile the answer to one question, each once', () => {
    const told = [ask(0), ask(1), ask(999)];
    expect(questions).toHaveLength(1);
    questions[0]!();
    expect(told).toEqual([FOUND, FOUND, FOUND]);
  });

  it('asks anew for those who come behind the answer', () => {
    ask(0);
    questions[0]!();
    const told = ask(1);
    expect(questions).toHaveLength(2);
    questions[1]!();
    expect(told).toEqual(FOUND);
  });

  it('asks again for those who come when a question has waited for long, and answers both', () => {
    const [first, second, third] = [ask(0), ask(1_000), ask(1_500)];
    expect(questions).toHaveLength(2);
    questions[1]!();
    expect([first, second, third]).toEqual([[], FOUND, FOUND]);
    questions[0]!();
    expect([first, second, third]).toEqual([FOUND, FOUND, FOUND]);
  });

  it('tells many in several turns, so that bytes pass in between', async () => {
    const all = Array.from({ length: 250 }, () => ask(0));
    const told = () => all.filter((one) => one.length > 0).length;
    questions[0]!();
    expect(told()).toBe(100);
    while (told() < 250) await endOfTurn();
    expect(all.map((one) => one.length)).toEqual(all.map(() => 1));
  });

  it('tells of a name that cannot be asked for, and asks again the next time', () => {
    forgetNames();
    const { lookup } = dns;
    dns.lookup = (() => {
      throw new TypeError('no name');
    }) as unknown as typeof lookup;
    forgetNames = () => void (dns.lookup = lookup);
    const failed = [[new TypeError('no name'), []]];
    expect([ask(0), ask(1)]).toEqual([failed, failed]);
  });

  it('does not take the answer to an old question for that to the newer one', () => {
    ask(0);
    const second = ask(1_000);
    questions[0]!();
    expect(second).toEqual([]);
    const third = ask(1_100);
    expect(questions).toHaveLength(2);
    questions[1]!();
    expect([second, third]).toEqual([FOUND, FOUND]);
  });
});
