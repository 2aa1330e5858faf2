import { LineOutput } from './line-output';

/** A pipe that takes `room` bytes, and then none until it is given more. */
class FakePipe {
  text = '';
  failure: string | undefined;

  constructor(public room: number) {}

  readonly writeNow = (bytes: Buffer): number => {
    if (this.failure !== undefined) throw Object.assign(new Error(this.failure), { code: this.failure });
    if (this.room === 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
    const taken = bytes.subarray(0, this.room);
    this.room -= taken.length;
    this.text += taken.toString('latin1');
    return taken.length;
  };
}

describe('LineOutput', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('writes a line in the call that logs it', () => {
    const pipe = new FakePipe(100);

    new LineOutput(pipe.writeNow).write('one\n');

    expect(pipe.text).toBe('one\n');
  });

  it.each([0, 1, 3, 4, 5, 11])(
    'keeps lines whole and in order when the reader takes %i bytes and stops',
    (room) => {
      const pipe = new FakePipe(room);
      const output = new LineOutput(pipe.writeNow);
      for (const line of ['one\n', 'two\n', 'three\n']) output.write(line);
      expect(pipe.text).toBe('one\ntwo\nthree\n'.slice(0, room));

      pipe.room = 4;
      jest.advanceTimersByTime(20);
      output.write('four\n');
      pipe.room = 100;
      jest.advanceTimersByTime(20);

      expect(pipe.text).toBe('one\ntwo\nthree\nfour\n');
    },
  );

  it('asks for no timer while the reader keeps up', () => {
    new LineOutput(new FakePipe(100).writeNow).write('one\n');

    expect(jest.getTimerCount()).toBe(0);
  });

  it('bounds what it keeps, and says how many lines are missing where they are', () => {
    const pipe = new FakePipe(0);
    const output = new LineOutput(pipe.writeNow);
    const line = `${'x'.repeat(1_048_575)}\n`;
    for (let count = 0; count < 7; count += 1) output.write(line);

    pipe.room = Infinity;
    jest.advanceTimersByTime(20);
    output.write('after\n');

    const lines = pipe.text.trimEnd().split('\n');
    expect(lines).toHaveLength(4 + 2);
    expect(JSON.parse(lines[4]!)).toMatchObject({ level: 'warn', dropped: 3, msg: 'log lines dropped' });
    expect(lines[5]).toBe('after');
  });

  it('does not throw, and goes on, after a write that failed', () => {
    const pipe = new FakePipe(100);
    const output = new LineOutput(pipe.writeNow);
    pipe.failure = 'ENOSPC';
    output.write('lost\n');
    pipe.failure = undefined;
    output.write('kept\n');

    expect(pipe.text).toBe('kept\n');
  });

  it('stops when the reader is gone', () => {
    const pipe = new FakePipe(100);
    const output = new LineOutput(pipe.writeNow);
    pipe.failure = 'EPIPE';
    output.write('one\n');
    pipe.failure = undefined;
    output.write('two\n');

    expect(pipe.text).toBe('');
  });

  it('gives up a flush that nobody reads', () => {
    const pipe = new FakePipe(0);
    const output = new LineOutput(pipe.writeNow);
    output.write('one\n');

    const start = performance.now();
    output.flush(30);

    expect(performance.now() - start).toBeGreaterThanOrEqual(30);
    expect(pipe.text).toBe('');
  });
});
