import fc from 'fast-check';
import { AnswerTemplates } from './answer-templates';
import { readMessage } from './message';

const ANSWERS: readonly string[] = [
  '{"id":4,"result":true,"error":null}',
  '{"error": null, "id": 4, "result": true}',
  '{"id":4,"jsonrpc":"2.0","result":false}',
  '{"id":4,"result":null,"error":[23,"Low difficulty share",null]}',
  '{"id" : 12, "jsonrpc":"2.0","error":null,"result":{"status":"OK"}}',
  '{"jsonrpc":"2.0","result":[false,"Solution for a stale job!"],"id":4}',
  '{"id":4,"result":true,"error":null,"reject-reason":"Stale"}',
];

function learned(line: string): { templates: AnswerTemplates; find: (other: string) => unknown } {
  const templates = new AnswerTemplates();
  const bytes = Buffer.from(line);
  const message = readMessage(JSON.parse(line));
  if (typeof message !== 'string' && message.type === 'response')
    templates.learn(message, bytes, 0, bytes.length);
  return {
    templates,
    find: (other) => templates.find(Buffer.from(`x${other}y`), 1, 1 + Buffer.byteLength(other)),
  };
}

/** What both ways of reading say, apart from the id that the fields have as well. */
function said(message: unknown): unknown {
  const { type, id, fields } = message as { type: string; id: unknown; fields: Record<string, unknown> };
  return { type, id, fields: { ...fields, id: undefined } };
}

describe('AnswerTemplates', () => {
  it.each(ANSWERS)('knows %s again with another id', (line) => {
    const { find } = learned(line);
    for (const id of ['0', '7', '40', '123456789012345']) {
      const other = line.replace(/("id" ?: ?)\d+/, `$1${id}`);
      expect(said(find(other))).toEqual(said(readMessage(JSON.parse(other))));
    }
  });

  it.each([
    ['with an escaped key', '{"id":4,"\\u0069d":4,"result":true}'],
    ['with an id further down as well', '{"id":4,"result":{"id":4}}'],
    ['whose id is a text', '{"id":"4","result":true}'],
    ['whose id is no plain number', '{"id":4.0,"result":true}'],
    ['to a subscription', '{"id":1,"result":[[["mining.notify","a"]],"f8",4],"error":null}'],
    ['without an id of its own', '{"result":{"id":4},"error":null}'],
  ])('does not learn an answer %s', (_, line) => {
    expect(learned(line).find(line)).toBeUndefined();
  });

  it.each(['-1', '04', '1.5', '1e3', '', '"4"', 'null', '1234567890123456', '4,"id":5'])(
    'does not claim the id %s',
    (id) => {
      expect(learned('{"id":4,"result":true}').find(`{"id":${id},"result":true}`)).toBeUndefined();
    },
  );

  it('agrees with the parse on whatever it claims', () => {
    let claims = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...ANSWERS),
        fc.nat(),
        fc.integer({ min: 0x20, max: 0x7e }),
        (line, at, byte) => {
          const changed = Buffer.from(line);
          changed[at % changed.length] = byte;
          const found = learned(line).find(changed.toString());
          if (found === undefined) return;
          claims += 1;
          expect(said(found)).toEqual(said(readMessage(JSON.parse(changed.toString()))));
        },
      ),
      { numRuns: 5000 },
    );
    expect(claims).toBeGreaterThan(50);
  });
});
