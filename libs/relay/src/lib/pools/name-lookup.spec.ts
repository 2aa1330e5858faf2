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
