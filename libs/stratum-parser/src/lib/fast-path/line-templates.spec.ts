import fc from 'fast-check';
import type { LikelyTexts } from './line-template';
import { LineTemplates } from './line-templates';
import type { Fields, Message } from '../message';
import { readMessage } from '../message';

const HASH = 'ab'.repeat(32);
const JOB = `"${HASH}","${'01'.repeat(60)}","${'ff'.repeat(90)}",["${'cd'.repeat(32)}"],"20000000","1c2ac4af","504e86b9",false`;
const BLOB = `"blob":"${'10'.repeat(76)}"`;

/** As pools and miners write them. */
const REAL: readonly string[] = [
  '{"id":4,"result":true,"error":null}',
  '{"id": 4, "result": true, "error": null}',
  '{"result": true, "error": null, "id": "auth"}',
  '{"error":null,"id":4,"jsonrpc":"2.0","result":true}',
  '{"id":4,"jsonrpc":"2.0","result":true}',
  '{"id":4,"jsonrpc":"2.0","result":false}',
  '{"id":4,"result":null,"error":[23,"Low difficulty share",null]}',
  '{"id" : 12, "jsonrpc":"2.0","error":null,"result":{"status":"OK"}}',
  '{"jsonrpc":"2.0","result":[false,"Solution for a stale job!"],"id":4}',
  '{"id":4,"result":true,"error":null,"reject-reason":"Stale"}',
  '{"id":4,"result":{"id":4},"error":null}',
  '{"params": ["u.w", "bf", "00000001", "504e86ed", "b2957c02"], "id": 4, "method": "mining.submit"}',
  '{"id":4,"method":"mining.submit","params":["farm.001","66b3a1f200000010","00","504e86ed","b2957c02","00010000"]}',
  `{"id":null,"method":"mining.notify","params":["bf",${JOB}]}`,
  `{"params": ["bf", ${JOB}], "id": null, "method": "mining.notify"}`,
  `{"jsonrpc":"2.0","method":"mining.notify","params":["bf",${JOB}],"id":7}`,
  `{"id":2,"jsonrpc":"2.0","method":"submit","params":{"id":"1be0b7b6","job_id":"j1","nonce":"d0030001","result":"${HASH}","algo":"rx/0"}}`,
  `{"jsonrpc":"2.0","method":"job","params":{${BLOB},"job_id":"j1","target":"b88d0600","algo":"rx/0","height":3200001,"seed_hash":"${HASH}"}}`,
  `{"jsonrpc":"2.0","method":"job","params":{${BLOB},"job_id":"j1","target":"b88d0600","id":"1be0b7b6"}}`,
];

const LIKELY: LikelyTexts = {
  lastWorker: 'farm.001',
  lastJob: '66b3a1f200000010',
  lastTarget: 'b88d0600',
  lastToken: '1be0b7b6',
};
const UNREAD = new Set(['nonce', 'result', 'blob', 'seed_hash', 'next_seed_hash', 'height']);

/** What is read of a message: of a request of a known frame not all is. */
function read(message: Message | string): unknown {
  if (typeof message === 'string') return message;
  const { type, id, fields } = message;
  if (type === 'response') return { type, id, fields: { ...fields, id: undefined } };
  const { method, params } = message;
  const others = { ...fields, id: undefined, params: undefined };
  if (method === 'mining.notify') return { id, others, params: (params as unknown[]).slice(0, 1) };
  if (Array.isArray(params)) return { id, others, params: params.slice(0, 2) };
  const unread = (key: string) => UNREAD.has(key) || (method === 'job' && key === 'id');
  return { id, others, params: Object.entries(params as Fields).filter(([key]) => !unread(key)) };
}

function parsed(line: Buffer): Message | string {
  try {
    return readMessage(JSON.parse(line.toString('utf8')));
  } catch {
    return 'not_json';
  }
}

function learned(...lines: readonly Buffer[]): LineTemplates {
  const templates = new LineTemplates();
  for (const line of lines) {
    const message = parsed(line);
    if (typeof message !== 'string') templates.learn(message, line, 0, line.length);
  }
  return templates;
}

/** What the templates say of a line that stands between others; undefined when none fits. */
function found(templates: LineTemplates, line: Buffer): Message | undefined {
  const chunk = Buffer.concat([Buffer.from('"}\n'), line, Buffer.from('\n{"id":1}\n')]);
  return templates.find(chunk, 3, 3 + line.length, LIKELY)?.message;
}

/** The same where nothing has been learned and the line is no valid JSON. */
function broken(line: Buffer): Message | undefined {
  return new LineTemplates().findBroken(line, 0, line.length, LIKELY)?.message;
}

/** No template needs to fit; what a fitting one says, the parse says too. */
function expectAgreement(templates: LineTemplates, line: Buffer): boolean {
  const known = found(templates, line);
  if (known === undefined) return false;
  const full = parsed(line);
  // The one exception: what stands in a job behind its id is not looked at, whether or not a template is known.
  if (full === 'not_json' && known.type === 'request' && known.method === 'mining.notify') {
    expect(read(broken(line)!)).toEqual(read(known));
    return false;
  }
  expect(read(known)).toEqual(read(full));
  return true;
}

const blank = fc.constantFrom('', '', '', ' ', '  ', '\t');
const plain = fc.stringMatching(/^[a-z0-9.:\]},]{0,12}$/);
const text = fc.oneof(
  plain,
  fc.string({ maxLength: 8 }),
  fc.constantFrom('a"b', 'é', '\\', '],"id":5', 'x\u0000'),
);
const hex = fc.constantFrom('ab'.repeat(32), 'cd'.repeat(200), '00000001');
const scalar = fc.oneof(
  { weight: 4, arbitrary: fc.nat(100_000) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, 0, 1.5, -1, 1e21, 2 ** 60, '4', '') },
  { weight: 1, arbitrary: text },
);
const nested = fc.oneof(
  fc.constant([]),
  fc.array(hex, { maxLength: 4 }),
  fc.dictionary(fc.constantFrom('id', 'method', 'k'), scalar, { maxKeys: 2 }),
  fc.array(fc.dictionary(fc.constantFrom('id', 'result'), scalar, { maxKeys: 2 }), { maxLength: 2 }),
);
const params = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.oneof(text, hex), { minLength: 2, maxLength: 9 }) },
  { weight: 2, arbitrary: fc.array(fc.oneof(text, hex, scalar, nested), { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.oneof(scalar, nested) },
);
const method = fc.constantFrom<unknown>(
  'mining.submit',
  'mining.notify',
  'mining.notify',
  'mining.ping',
  5,
  null,
);
const member = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('id'), scalar) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('method'), method) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('params'), params) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('result'), fc.oneof(fc.constant(true), scalar, nested)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('error'), fc.oneof(fc.constant(null), scalar, nested)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('jsonrpc', 'worker', 'reject-reason', 'ids'), scalar) },
);

/** A message with members in any order, possibly twice, with blanks anywhere. */
const line = fc
  .tuple(fc.array(member, { maxLength: 6 }), fc.array(blank, { minLength: 32, maxLength: 32 }))
  .map(([members, blanks]) => {
    let at = 0;
    const gap = () => blanks[at++ % blanks.length] ?? '';
    const parts = members.map(
      ([key, value]) => `${gap()}"${key}"${gap()}:${gap()}${JSON.stringify(value)}${gap()}`,
    );
    return Buffer.from(`{${parts.join(',')}}`, 'utf8');
  });

/** The same members as real programs send them: the usual keys, each once. */
const usual = fc
  .record({
    keys: fc.constantFrom(
      ['id', 'method', 'params'],
      ['params', 'id', 'method', 'jsonrpc'],
      ['id', 'result', 'error'],
    ),
    order: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
    id: fc.oneof(fc.nat(), fc.constantFrom<unknown>(null, 'auth', 1.5)),
    method: fc.constantFrom('mining.submit', 'mining.notify'),
    params,
    result: fc.constantFrom<unknown>(true, true, false, 1),
    error: fc.constantFrom<unknown>(null, null, false, [20, 'no', null]),
    gap: blank,
  })
  .map(({ keys, order, gap, ...values }) => {
    const fields: Readonly<Record<string, unknown>> = { ...values, jsonrpc: '2.0' };
    const shuffled = keys.map((key, i) => ({ key, rank: order[i] ?? 0 })).sort((x, y) => x.rank - y.rank);
    const parts = shuffled.map(({ key }) => `"${key}":${gap}${JSON.stringify(fields[key])}`);
    return Buffer.from(`{${parts.join(`,${gap}`)}}`, 'utf8');
  });

/** Another value in the place of one, of any kind. */
const otherValue = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  hex.map((value) => JSON.stringify(value)),
  scalar.map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '01',
    '1.0',
    '-0',
    '1e3',
    '"\\u0041"',
    '"a\\"b"',
    '1,"id":5',
    '"x","id":"y"',
    '"x],"',
    '["x"]',
    '{"id":5}',
    '"a\tb"',
  ),
);

function withOtherValue(line: string, nth: number, value: string): string {
  const places = [...line.matchAll(/(?<=[:[,] ?)("[^"]*"|-?\d[\d.eE+-]*|true|false|null)(?=[ ,}\]])/g)];
  const place = places[nth % places.length];
  return place === undefined
    ? line
    : line.slice(0, place.index) + value + line.slice(place.index + place[0].length);
}

describe('LineTemplates', () => {
  it.each(REAL)('knows %s again, with other values where lines of its kind differ', (line) => {
    const templates = learned(Buffer.from(line));
    const others = [
      line,
      line.replace(/("id" ?: ?)\d+/, '$1123456789012345'),
      line.replace(/"id" ?: ?"auth"/, '"id":"ü"').replace('"id":"ü"', '"id": "ü"'),
      line.replace('farm.001', 'Grüße 矿机').replace('"u.w"', '""'),
      line.replace('"bf"', '"c0ffee"').replace('"j1"', '"j23"').replace('66b3a1f200000010', 'x'),
      line.replace('b2957c02', 'ffff').replace('d0030001', '').replace('3200001', '0'),
      line.replace('"b88d0600"', '"f3220000"').replace('1be0b7b6', 'a]},'),
    ];
    for (const other of others)
      expect([other, expectAgreement(templates, Buffer.from(other))]).toEqual([other, true]);
  });

  it('agrees with the full parse on lines with other values', () => {
    let claims = 0;
    const templates = learned(...REAL.map((line) => Buffer.from(line)));
    fc.assert(
      fc.property(
        fc.constantFrom(...REAL),
        fc.array(fc.tuple(fc.nat(), otherValue), { maxLength: 3 }),
        (line, changes) => {
          const changed = changes.reduce((so, [nth, value]) => withOtherValue(so, nth, value), line);
          if (expectAgreement(templates, Buffer.from(changed))) claims += 1;
        },
      ),
      { numRuns: 20_000 },
    );
    expect(claims).toBeGreaterThan(5000);
  });

  it('agrees on lines that differ from real ones in one byte', () => {
    let claims = 0;
    const templates = learned(...REAL.map((line) => Buffer.from(line)));
    fc.assert(
      fc.property(fc.constantFrom(...REAL), fc.nat(), fc.nat(255), (line, at, byte) => {
        const changed = Buffer.from(line);
        changed[at % changed.length] = byte;
        if (expectAgreement(templates, changed)) claims += 1;
      }),
      { numRuns: 20_000 },
    );
    expect(claims).toBeGreaterThan(2000);
  });

  it('agrees on any line, whatever it has learned', () => {
    let claims = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(line, usual), { minLength: 1, maxLength: 4 }), (lines) => {
        const templates = learned(...lines);
        for (const one of lines) if (expectAgreement(templates, one)) claims += 1;
      }),
      { numRuns: 5000 },
    );
    expect(claims).toBeGreaterThan(1000);
  });

  it.each([
    ['an escape in a worker', '{"id":1,"method":"mining.submit","params":["a\\u002eb","j","0","0","0"]}'],
    ['an escape in a key', '{"\\u0069d":1,"result":true,"error":null}'],
    ['a key twice', '{"id":1,"id":2,"result":true,"error":null}'],
    ['a number that a double does not hold', '{"id":9007199254740993,"result":true,"error":null}'],
    ['a negative id', '{"id":-1,"result":true,"error":null}'],
    ['an id with a fraction', '{"id":4.0,"result":true}'],
    ['the answer to a subscription', '{"id":1,"result":[[["mining.notify","a"]],"f8",4],"error":null}'],
    ['an answer without an id of its own', '{"result":{"id":4},"error":null}'],
    ['a submit without a job', '{"id":1,"method":"mining.submit","params":["a"]}'],
  ])('does not learn %s', (_, line) => {
    expect(found(learned(Buffer.from(line)), Buffer.from(line))).toBeUndefined();
  });

  it.each(['-1', '04', '1.5', '1e3', '', '"4"', 'null', '1234567890123456', '4,"id":5'])(
    'does not claim the id %s',
    (id) => {
      const templates = learned(Buffer.from('{"id":4,"result":true}'));
      expect(found(templates, Buffer.from(`{"id":${id},"result":true}`))).toBeUndefined();
    },
  );

  it('leaves longer texts than are kept to the full parse', () => {
    const templates = learned(Buffer.from('{"id":"a","result":true}'));
    expect(found(templates, Buffer.from(`{"id":"${'x'.repeat(256)}","result":true}`))).toBeDefined();
    expect(found(templates, Buffer.from(`{"id":"${'x'.repeat(257)}","result":true}`))).toBeUndefined();
  });

  it('takes a job whose later parameters are broken for the job that it would be', () => {
    const [, notify = ''] = REAL.filter((line) => line.includes('mining.notify'));
    const line = `{"params": ["b1", "${'ab'.repeat(200)}",,"x], "id": null, "method": "mining.notify"}`;
    const known = found(learned(Buffer.from(notify)), Buffer.from(line));
    expect(known).toMatchObject({ type: 'request', method: 'mining.notify', params: ['b1'] });
    expect(broken(Buffer.from(line))).toEqual(known);
  });

  it.each([
    ['behind its parameters', '{"id":null,"method":"mining.notify","params":["b1","x"],"id":[]}'],
    ['inside of them', '{"id":null,"method":"mining.notify","params":["b1","x",{"id":["y"]}]}'],
  ])('does not take a job with a further key %s for one without', (_, line) => {
    const templates = learned(Buffer.from(`{"id":null,"method":"mining.notify","params":["bf",${JOB}]}`));
    expect(found(templates, Buffer.from(line))).toBeUndefined();
  });

  it('knows a job again in a chunk of any size', () => {
    const withTail = (job: string, version: string) =>
      Buffer.from(`{"id":null,"method":"mining.notify","params":["${job},[],false],"jsonrpc":"${version}"}`);
    const templates = learned(withTail('bf","x"', '1.0'), withTail('bf","x"', '2.0'));
    for (const size of [10, 1000, 4000, 4096, 5000, 40_000, 120_000]) {
      const line = withTail(`b7","${'a'.repeat(size)}"`, '2.0');
      expect(found(templates, line)).toMatchObject({ params: ['b7'], fields: { jsonrpc: '2.0' } });
    }
  });

  it('reads beyond neither end of the line', () => {
    for (const line of REAL) {
      const templates = learned(Buffer.from(line));
      const bytes = Buffer.from(`xx${line}\n${line}`);
      expect(templates.find(bytes, 2, 2 + line.length, LIKELY)).toBeDefined();
      for (let end = 2; end < 2 + line.length; end += 1) {
        expect(templates.find(bytes, 2, end, LIKELY)).toBeUndefined();
      }
    }
  });

  it.each(['{"id":2}', '}', ' 1', '"'])('does not know a line again that has %s behind it', (more) => {
    for (const line of REAL) {
      expect(found(learned(Buffer.from(line)), Buffer.from(line + more))).toBeUndefined();
    }
  });

  it('keeps what comes often, however many lines come once', () => {
    const often = Buffer.from('{"id":4,"result":true}');
    const templates = learned(often);
    for (let n = 0; n < 100; n += 1) {
      learnOnce(templates, Buffer.from(`{"id":1,"result":{"n":${n}}}`));
      expect(found(templates, often)).toBeDefined();
    }
  });

  it('learns ever fewer of the lines that come once, and what comes again all the same', () => {
    const templates = new LineTemplates();
    for (let n = 0; n < 1000; n += 1) learnOnce(templates, Buffer.from(`{"id":1,"result":{"n":${n}}}`));
    const again = Buffer.from('{"id":4,"result":false}');
    let tries = 0;
    while (found(templates, again) === undefined) {
      learnOnce(templates, again);
      tries += 1;
    }
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThanOrEqual(33);
  });
});

function learnOnce(templates: LineTemplates, line: Buffer): void {
  const message = parsed(line);
  if (typeof message !== 'string') templates.learn(message, line, 0, line.length);
}
