import fc from 'fast-check';
import { readMessage } from './message';
import { CheapLook } from './peek';

/** What the full parse says of a line, in the words of the cheap look. */
function parsed(line: Buffer): Record<string, unknown> {
  const message = readMessage(JSON.parse(line.toString('utf8')));
  if (typeof message === 'string') return { claim: message };
  const { id, fields } = message;
  if (message.type === 'response') return { claim: fields.result === true ? 'granted' : 'other', id, fields };
  const [first, second] = message.params as unknown[];
  return { claim: message.method.replace('mining.', ''), id, first, second };
}

const look = new CheapLook();

const JOB = `"${'ab'.repeat(32)}","${'01'.repeat(60)}","${'ff'.repeat(90)}",["${'cd'.repeat(32)}"],"20000000","1c2ac4af","504e86b9",false`;

/** As pools and miners write them. */
const REAL: readonly string[] = [
  '{"id":4,"result":true,"error":null}',
  '{"id": 4, "result": true, "error": null}',
  '{"result": true, "error": null, "id": "auth"}',
  '{"error":null,"id":4,"jsonrpc":"2.0","result":true}',
  '{"id":4,"jsonrpc":"2.0","result":true}',
  '{"params": ["u.w", "bf", "00000001", "504e86ed", "b2957c02"], "id": 4, "method": "mining.submit"}',
  '{"id":4,"method":"mining.submit","params":["farm.001","66b3a1f200000010","00","504e86ed","b2957c02","00010000"]}',
  `{"id":null,"method":"mining.notify","params":["bf",${JOB}]}`,
  `{"params": ["bf", ${JOB}], "id": null, "method": "mining.notify"}`,
  `{"jsonrpc":"2.0","method":"mining.notify","params":["bf",${JOB}],"id":7}`,
];

function peeked(line: Buffer): Record<string, unknown> {
  const claim = look.look(line, 0, line.length);
  const text = (start: number, end: number) => line.toString('utf8', start, end);
  if (claim === 'nothing') return { claim };
  if (claim === 'granted') return { claim, id: look.id };
  const first = text(look.firstStart, look.firstEnd);
  if (claim === 'notify') return { claim, id: look.id, first };
  return { claim, id: look.id, first, second: text(look.secondStart, look.secondEnd) };
}

/** The cheap look may claim nothing; what it claims, the parse says too. */
function expectAgreement(line: Buffer): boolean {
  const found = peeked(line);
  if (found.claim === 'nothing') return false;
  const full = parsed(line);
  expect(full).toMatchObject(found);
  // An accepted share hangs on this.
  if (found.claim === 'granted') expect((full.fields as { error?: unknown }).error ?? null).toBeNull();
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

describe('CheapLook', () => {
  it('agrees with the full parse on whatever it claims', () => {
    let claims = 0;
    fc.assert(
      fc.property(fc.oneof(line, usual), (bytes) => {
        if (expectAgreement(bytes)) claims += 1;
      }),
      { numRuns: 20_000 },
    );
    expect(claims).toBeGreaterThan(1000);
  });

  it('agrees on lines that differ from real ones in one byte and are still JSON', () => {
    const real = REAL.map((text) => Buffer.from(text));
    fc.assert(
      fc.property(fc.constantFrom(...real), fc.nat(), fc.integer({ min: 9, max: 255 }), (bytes, at, byte) => {
        const changed = Buffer.from(bytes);
        changed[at % bytes.length] = byte;
        try {
          JSON.parse(changed.toString('utf8'));
        } catch {
          return;
        }
        expectAgreement(changed);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each(REAL)('claims %s', (text) => {
    expect(expectAgreement(Buffer.from(text))).toBe(true);
  });

  it.each([
    ['an escape in a worker', '{"id":1,"method":"mining.submit","params":["a\\u002eb","j","0","0","0"]}'],
    ['an escape in a key', '{"\\u0069d":1,"result":true,"error":null}'],
    ['a key twice', '{"id":1,"id":2,"result":true,"error":null}'],
    ['an error beside true', '{"id":1,"result":true,"error":[20,"no",null]}'],
    ['a reject-reason', '{"id":1,"result":true,"error":null,"reject-reason":"Stale"}'],
    ['a negative id', '{"id":-1,"result":true,"error":null}'],
    ['a number that a double does not hold', '{"id":9007199254740993,"result":true,"error":null}'],
    ['a job that is a number', '{"id":1,"method":"mining.submit","params":["a",7,"0","0","0"]}'],
    ['two objects in a line', '{"id":1,"result":true,"error":null}{"id":2}'],
    ['nothing at all', ''],
  ])('leaves %s to the full parse', (_, text) => {
    expect(peeked(Buffer.from(text)).claim).toBe('nothing');
  });

  it('takes a job whose later parameters are broken for the job that it would be', () => {
    const broken = `{"id":null,"method":"mining.notify","params":["b1","${'ab'.repeat(200)}",,"x]}`;
    expect(peeked(Buffer.from(broken))).toMatchObject({ claim: 'notify', first: 'b1' });
  });

  it('reads beyond neither end of the line', () => {
    const [answer = ''] = REAL;
    const bytes = Buffer.from(`xx${answer}\n{"id":7,"result":true}`);
    expect(look.look(bytes, 2, 2 + answer.length)).toBe('granted');
    for (let end = 2; end < 2 + answer.length; end += 1) expect(look.look(bytes, 2, end)).toBe('nothing');
  });
});
