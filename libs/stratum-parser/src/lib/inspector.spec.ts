import { inspect } from 'node:util';
import type { StratumEvent, Secret } from '..';
import { StratumInspector } from '..';
import { EventTally } from '../testing';

class Session {
  readonly tally = new EventTally();
  nowMs = 0;
  readonly inspector = new StratumInspector({ now: () => this.nowMs }, this.tally);

  up(...lines: readonly string[]): void {
    for (const line of lines) this.inspector.chunk('to_upstream', Buffer.from(`${line}\n`));
  }

  down(...lines: readonly string[]): void {
    for (const line of lines) this.inspector.chunk('to_downstream', Buffer.from(`${line}\n`));
  }

  last(): StratumEvent | undefined {
    return this.tally.events.at(-1);
  }
}

const SUBMIT = '{"id":4,"method":"mining.submit","params":["a.b","j1","0","0","0"]}';

function login(name: unknown, id = 2): string {
  return JSON.stringify({ id, method: 'mining.authorize', params: [name, 'x'] });
}

function notify(job: string): string {
  return `{"id":null,"method":"mining.notify","params":["${job}","${'ab'.repeat(32)}","","",[],"","","",true]}`;
}

describe('StratumInspector', () => {
  it('keeps one share object from the submit to its outcome', () => {
    const session = new Session();
    session.up(SUBMIT);
    session.down('{"id":4,"result":true}');
    const [, submit, answer] = session.tally.events;
    expect(submit).toMatchObject({ kind: 'submit', id: 4 });
    expect((answer as { share?: unknown }).share).toBe((submit as { share?: unknown }).share);
  });

  it('measures how long a request waited for its answer', () => {
    const session = new Session();
    session.nowMs = 100;
    session.up(SUBMIT);
    session.nowMs = 142;
    session.down('{"id":4,"result":null,"error":[21,"Job not found",null]}');
    expect(session.last()).toMatchObject({ outcome: 'rejected', reason: 'stale', latencyMs: 42 });
  });

  it('settles shares with the same id in the order in which they were sent', () => {
    const session = new Session();
    session.up(SUBMIT.replace('a.b', 'first'), SUBMIT.replace('a.b', 'second'));
    session.down('{"id":4,"result":true}');
    expect(session.last()).toMatchObject({ outcome: 'accepted', share: { worker: 'first' } });
    session.down('{"id":4,"result":false}');
    expect(session.last()).toMatchObject({ outcome: 'rejected', share: { worker: 'second' } });
  });

  it('never takes the answer to a login for that of a share', () => {
    const session = new Session();
    session.up(login('a.b', 4), SUBMIT);
    session.down('{"id":4,"result":true,"error":null}');
    expect(session.last()).toMatchObject({ to: 'authorize', outcome: 'ok' });
    expect(session.inspector.inFlight).toBe(1);
  });

  it('never lets an answer without an id settle a share', () => {
    const session = new Session();
    session.up('{"id":null,"method":"mining.submit","params":["a","j","0","0","0"]}');
    session.down('{"id":null,"result":true}', '{"result":true}');
    expect(session.tally).toMatchObject({ accepted: 0, orphans: 2, malformed: 0 });
    session.inspector.close();
    expect(session.tally.unanswered).toBe(1);
  });

  it('tells at the close which shares were never answered, once and in order', () => {
    const session = new Session();
    session.up(login('a.b'), SUBMIT, SUBMIT.replace('j1', 'j2'));
    session.inspector.close();
    session.inspector.close();
    const unanswered = session.tally.events.filter(({ kind }) => kind === 'unanswered');
    expect(unanswered).toMatchObject([
      { share: { job: 'j1' }, cause: 'closed' },
      { share: { job: 'j2' }, cause: 'closed' },
    ]);
    session.up(SUBMIT);
    expect(session.tally.submits).toBe(2);
  });

  it('lets the oldest of 1,001 pending requests go, whatever it asked', () => {
    const session = new Session();
    session.up(SUBMIT);
    for (let id = 10; id < 1009; id += 1)
      session.up(`{"id":${id},"method":"mining.multi_version","params":[1]}`);
    expect(session.tally.unanswered).toBe(0);
    session.up('{"id":9999,"method":"mining.submit","params":["a.b","j9","0","0","0"]}');
    expect(session.tally.events.at(-2)).toMatchObject({
      kind: 'unanswered',
      cause: 'evicted',
      share: { job: 'j1' },
    });
    expect(session.inspector).toMatchObject({ pendingCount: 1000, inFlight: 1 });
    session.down('{"id":4,"result":true}');
    expect(session.last()).toMatchObject({ outcome: 'orphan', to: null });
  });

  it('forgets what pools never answer, and no share because of it', () => {
    const session = new Session();
    session.up(SUBMIT);
    for (let n = 0; n < 3000; n += 1) {
      session.up(`{"id":9,"method":"eth_submitHashrate","params":["0x${n.toString(16)}"]}`);
      session.up(`{"id":${n + 100},"method":"mining.get_transactions","params":["j1"]}`);
    }
    expect(session.inspector.pendingCount).toBe(17);
    session.down('{"id":4,"result":true}');
    expect(session.tally).toMatchObject({ accepted: 1, unanswered: 0 });
  });

  it('books a share that names nobody on the last login that the pool let in', () => {
    const session = new Session();
    session.up(login('acme.one', 1), login('acme.two', 2), login('acme.bad', 3));
    session.down('{"id":1,"result":true}', '{"id":2,"result":true}', '{"id":3,"result":false}');
    session.up('{"id":5,"method":"mining.submit","params":["","j1","0"]}');
    expect(session.last()).toMatchObject({
      share: { worker: 'acme.two', login: { text: 'acme.two', rig: null }, authorized: true },
    });
  });

  it('flags a share of a worker that never logged in', () => {
    const session = new Session();
    session.up(login('acme.one'), SUBMIT);
    expect(session.last()).toMatchObject({
      share: { worker: 'a.b', login: { text: 'a.b', rig: null }, authorized: false },
    });
  });

  it('freezes the difficulty with the job, for the last 256 jobs', () => {
    const session = new Session();
    session.up(login('a.b'));
    const difficultyOf = (job: string) => {
      session.up(SUBMIT.replace('j1', job));
      return (session.last() as { share?: { difficulty: number } }).share?.difficulty;
    };
    for (let n = 0; n < 600; n += 1) {
      session.down(`{"id":null,"method":"mining.set_difficulty","params":[${n + 1}]}`, notify(`j${n}`));
      expect(difficultyOf(`j${n}`)).toBe(n + 1);
      const oldest = Math.max(0, n - 255);
      expect(difficultyOf(`j${oldest}`)).toBe(oldest + 1);
      // No longer known, or never: the difficulty in force.
      expect(difficultyOf(`j${oldest - 1}`)).toBe(n + 1);
    }
  });

  it('gives a job that is sent again the newest difficulty, and forgets no other for it', () => {
    const session = new Session();
    session.up(login('a.b'));
    const announce = (job: string, difficulty: number) =>
      session.down(`{"id":null,"method":"mining.set_difficulty","params":[${difficulty}]}`, notify(job));
    const difficultyOf = (job: string) => {
      session.up(SUBMIT.replace('j1', job));
      return (session.last() as { share?: { difficulty: number } }).share?.difficulty;
    };
    announce('before', 7);
    for (let n = 0; n < 300; n += 1) {
      announce('same', 100 + n);
      expect(difficultyOf('same')).toBe(100 + n);
    }
    announce('after', 5);
    expect(['before', 'same', 'after'].map(difficultyOf)).toEqual([7, 399, 5]);
  });

  it('ignores a difficulty that no miner takes', () => {
    const session = new Session();
    session.down('{"id":null,"method":"mining.set_difficulty","params":[8]}');
    for (const value of ['0', '-1', '"0"', '-1e999']) {
      session.down(`{"id":null,"method":"mining.set_difficulty","params":[${value}]}`);
      expect(session.inspector.nextDifficulty).toBe(8);
    }
  });

  it('knows no difficulty after one that it cannot read', () => {
    const session = new Session();
    for (const value of ['"x"', '"NaN"', '[]', 'null', '1e999', '{}', '""', '']) {
      session.down('{"id":null,"method":"mining.set_difficulty","params":[8]}');
      session.down(`{"id":null,"method":"mining.set_difficulty","params":[${value}]}`);
      expect([value, session.inspector.nextHashes]).toEqual([value, null]);
    }
  });

  it('reads a last answer that no LF follows, when the pool has ended or all has', () => {
    for (const end of [
      (session: Session) => session.inspector.end('to_downstream'),
      (session: Session) => session.inspector.close(),
    ]) {
      const session = new Session();
      session.up(login('a.b'), SUBMIT);
      session.inspector.chunk('to_downstream', Buffer.from('{"id":4,"result":true}'));
      expect(session.tally.accepted).toBe(0);
      end(session);
      session.inspector.close();
      expect(session.tally).toMatchObject({ submits: 1, accepted: 1, unanswered: 0, malformed: 0 });
    }
  });

  it('reads no half of an answer at the end', () => {
    const session = new Session();
    session.up(SUBMIT);
    session.inspector.chunk('to_downstream', Buffer.from('{"id":4,"result":true,'));
    session.inspector.close();
    expect(session.tally).toMatchObject({ accepted: 0, unanswered: 1, malformed: 0 });
  });

  it('reads a last request that no LF follows, however short the stream was', () => {
    for (const before of ['', `${login('a.b')}\n`]) {
      const session = new Session();
      session.inspector.chunk('to_upstream', Buffer.from(`${before}{"id":1,"method":"mining.noop"}`));
      session.inspector.close();
      expect(session.last()).toMatchObject({ kind: 'other_request' });
    }
  });

  it('counts latency from when chunks were read, where they are looked at later', () => {
    const { inspector, ...session } = new Session();
    inspector.chunk('to_upstream', Buffer.from(`${SUBMIT}\n`), 1_000);
    inspector.chunk('to_downstream', Buffer.from('{"id":4,"result":true}\n'), 1_040);
    expect(session.tally.events.at(-1)).toMatchObject({ kind: 'response', latencyMs: 40 });
  });

  it('looks at nothing more after a fault, and leaves no share without an outcome', () => {
    const told: string[] = [];
    const inspector = new StratumInspector(
      {},
      {
        push: ({ kind }) => {
          told.push(kind);
          if (kind === 'malformed') throw new Error('fault');
        },
      },
    );
    inspector.chunk('to_upstream', Buffer.from(`${SUBMIT}\n`));
    inspector.chunk('to_downstream', Buffer.from('{"id":4,"resu'));
    expect(() => inspector.chunk('to_downstream', Buffer.from('\n{"id":4,"result":true}'))).toThrow('fault');
    inspector.close();
    expect(told).toEqual(['dialect', 'submit', 'malformed', 'unanswered']);
  });

  it('gives the same login as the same object, whether it logs in, is answered or submits', () => {
    const session = new Session();
    session.up(SUBMIT, login('a.b'), SUBMIT);
    session.down('{"id":2,"result":true}');
    const seen = session.tally.events.flatMap((event) => {
      if ('share' in event) return [event.share.login];
      return 'login' in event ? [event.login] : [];
    });
    expect(seen).toHaveLength(4);
    expect(new Set([...seen, ...session.inspector.logins]).size).toBe(1);
    expect(session.inspector.logins).toEqual([{ text: 'a.b', rig: null }]);
  });

  it('tells a rig in a field of its own from the same words in one text', () => {
    const session = new Session();
    session.up('{"id":1,"method":"login","params":{"login":"a","rigid":"b"}}');
    session.up('{"id":2,"method":"login","params":{"login":"a.b"}}');
    session.up(JSON.stringify({ id: 3, method: 'login', params: { login: 'a\nb' } }));
    expect(session.inspector.logins).toEqual([
      { text: 'a', rig: 'b' },
      { text: 'a.b', rig: null },
      { text: 'a\nb', rig: null },
    ]);
  });

  it('reads answers, requests and announcements in one batch', () => {
    const session = new Session();
    session.up(`[${login('a.b', 1)},${SUBMIT}]`);
    session.down('[{"id":1,"result":true},{"id":4,"result":true},5]');
    expect(session.tally).toMatchObject({ submits: 1, accepted: 1, malformed: 1 });
  });

  it('tells by a class of their own why lines are skipped', () => {
    const session = new Session();
    session.up('nonsense', '42', '[]', '[[{}]]', '{"id":1,"method":5}', '{"x":1}');
    const reasons = session.tally.events.map((e) => (e.kind === 'malformed' ? e.reason : e.kind));
    expect(reasons).toEqual([
      'not_json',
      'not_object',
      'not_object',
      'not_object',
      'bad_method',
      'unknown_shape',
    ]);
  });

  it('never shows a password by accident', () => {
    const session = new Session();
    session.up('{"id":2,"method":"mining.authorize","params":["a.b","hunter2"]}');
    const event = session.last();
    expect(event).toMatchObject({ kind: 'authorize', worker: 'a.b', login: { text: 'a.b', rig: null } });
    const { password } = event as { password: Secret };
    for (const shown of [JSON.stringify(event), inspect(event), String(password)]) {
      expect(shown).not.toContain('hunter2');
      expect(shown).toContain('[redacted]');
    }
    expect(password.reveal()).toBe('hunter2');
  });
});

describe('a witness', () => {
  it('is shown each line before its events, also one that the stream ended in', () => {
    const seen: string[] = [];
    const sink = { push: ({ kind }: StratumEvent) => seen.push(kind) };
    const inspector = new StratumInspector({}, sink, (bytes, from, to) =>
      seen.push(bytes.toString('utf8', from, to)),
    );
    inspector.chunk('to_upstream', Buffer.from(`${SUBMIT}\n`));
    inspector.chunk('to_downstream', Buffer.from('{"id":null,"method":"mining.notify","params":["j9"]}'));
    inspector.end('to_downstream');
    expect(seen.filter((said) => said !== 'dialect')).toEqual([
      ...[SUBMIT, 'submit', '{"id":null,"method":"mining.notify","params":["j9"]}', 'notify'],
    ]);
  });
});

describe('hostile input', () => {
  it('takes names of the language for what they are: names', () => {
    const session = new Session();
    for (const [id, name] of ['__proto__', 'constructor', 'toString'].entries()) session.up(login(name, id));
    session.down('{"id":0,"result":true}');
    session.up('{"id":"__proto__","method":"mining.submit","params":["__proto__","__proto__","0","0","0"]}');
    expect(session.last()).toMatchObject({
      id: '__proto__',
      share: { worker: '__proto__', authorized: true },
    });
    session.down('{"id":"__proto__","result":true}', '{"__proto__":{"result":true},"id":7}');
    expect(session.tally).toMatchObject({ accepted: 1, orphans: 1 });
    expect(session.inspector.workers).toEqual(['__proto__', 'constructor', 'toString']);
  });

  it('cuts names, ids and words to a bounded length', () => {
    const session = new Session();
    const long = 'x'.repeat(40_000);
    session.up(`{"id":"${long}","method":"mining.submit","params":["${long}","${long}","0"]}`);
    const { id, share } = session.last() as { id: string; share: { worker: string; job: string } };
    expect([id.length, share.worker.length, share.job.length]).toEqual([256, 256, 256]);
    session.down(`{"id":"${long}","result":null,"error":[20,"${long}",null]}`);
    expect((session.last() as { message: string }).message).toHaveLength(256);
  });

  it('remembers 1,000 workers and still books the shares of others', () => {
    const session = new Session();
    for (let n = 0; n < 1100; n += 1) {
      session.up(login(`acme.${n}`));
      session.down('{"id":2,"result":true}');
    }
    expect(session.inspector.workers).toHaveLength(1000);
    session.up(SUBMIT.replace('a.b', 'acme.1099'));
    expect(session.last()).toMatchObject({ share: { worker: 'acme.1099' } });
  });

  it('survives deep nesting, huge numbers and repeated keys', () => {
    const session = new Session();
    session.up(`{"id":1,"method":"mining.submit","params":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
    session.up(`{"id":${'9'.repeat(400)},"method":"mining.submit","params":["a",1e400,"0"]}`);
    session.up('{"id":5,"id":6,"method":"x","method":"mining.submit","params":[],"params":["w","j"]}');
    expect(session.last()).toMatchObject({ id: 6, share: { worker: 'w', job: 'j' } });
    session.down(`{"id":${'9'.repeat(400)},"result":true}`);
    expect(session.tally).toMatchObject({ submits: 3, accepted: 1 });
  });
});
