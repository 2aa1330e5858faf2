/** Values that parsers trip over, as JSON. */
const VALUES = [
  'null', 'true', 'false', '0', '-1', '1', '4', '1.5', '1e400', '-0', '18446744073709551615', '9007199254740993',
  '""', '"0"', '"4"', '"__proto__"', '"constructor"', '"a.b"', '"0x"', '"0x0"', '"\\u0000"', '"\\ud800"', '"é"',
  '[]', '{}', '[[]]', '[null]', '[true]', '[false,"stale"]', '[21,"Job not found",null]', '{"status":"OK"}',
  '{"code":23}', '{"code":202,"message":"x"}', '{"__proto__":{"result":true}}', `"${'f'.repeat(64)}"`,
  `"${'0'.repeat(64)}"`, `"${'x'.repeat(300)}"`, `${'['.repeat(200)}${']'.repeat(200)}`, `${'9'.repeat(400)}`,
]; // prettier-ignore
const KEYS = [
  'id',
  'method',
  'params',
  'result',
  'error',
  'body',
  'jsonrpc',
  'worker',
  'job',
  'code',
  '__proto__',
];
const BYTES = [
  0x00, 0x0a, 0x0d, 0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a, 0x7f, 0x16, 0x80, 0xef, 0xff, 0x30,
];
const METHODS = ['mining.submit', 'submit', 'mining.notify', 'job', 'login', 'mining.authorize', 'mining.set_target',
  'mining.set_difficulty', 'ctxc_submitLogin', 'ctxc_submitWork', 'result', 'solution', 'eth_submitWork', 'eth_getWork', 'mining.submitted', 'getjob']; // prettier-ignore

/** Changes a script (a list of `{ direction, bytes }`) in a few places; returns a new one. */
export function mutated(script, scripts, random) {
  const changed = [...script];
  for (let times = random.below(4); times > 0; times -= 1) changeOrder(changed, scripts, random);
  for (let times = random.below(4); times > 0 && changed.length > 0; times -= 1) {
    const at = random.below(changed.length);
    const { direction, bytes } = changed[at];
    changed[at] = {
      direction,
      bytes: random.once(3) ? changeBytes(bytes, random) : changeText(bytes, random),
    };
  }
  return changed;
}

function changeOrder(script, scripts, random) {
  const at = random.below(script.length + 1);
  switch (random.below(6)) {
    case 0:
      script.splice(at, 1);
      return;
    case 1:
      if (at < script.length) script.splice(random.below(script.length + 1), 0, script[at]);
      return;
    case 2:
      if (at < script.length) script.push(...script.splice(at, 1));
      return;
    case 3:
      if (at < script.length) script[at] = { ...script[at], direction: other(script[at].direction) };
      return;
    case 4:
      if (at < script.length)
        script.splice(at, 1, glued(script[at], random.pick(random.pick(scripts)), random));
      return;
    default:
      script.splice(at, 0, random.pick(random.pick(scripts)));
  }
}

/** Two messages in one line, or the first one without the LF at its end. */
function glued({ direction, bytes }, { bytes: behind }, random) {
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length;
  return {
    direction,
    bytes: Buffer.concat([bytes.subarray(0, end), random.once(3) ? Buffer.alloc(0) : behind]),
  };
}

function other(direction) {
  return direction === 'to_upstream' ? 'to_downstream' : 'to_upstream';
}

function changeBytes(bytes, random) {
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  switch (random.below(5)) {
    case 0:
      copy[at] = random.pick(BYTES);
      return copy;
    case 1:
      copy[at] ^= 1 << random.below(8);
      return copy;
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + random.below(40))]);
    case 3:
      return Buffer.concat([copy.subarray(0, at), Buffer.from([random.pick(BYTES)]), copy.subarray(at)]);
    default:
      return Buffer.concat([Buffer.from([0x7f, random.below(40), random.below(60), 0]), copy]);
  }
}

/** Changes one value, key or method of a message without breaking its JSON, mostly. */
function changeText(bytes, random) {
  const text = bytes.toString('utf8');
  switch (random.below(5)) {
    case 0:
      return Buffer.from(text.replace(/"method" ?: ?"[^"]*"/, `"method":"${random.pick(METHODS)}"`));
    case 1:
      return Buffer.from(text.replace('{', `{"${random.pick(KEYS)}":${random.pick(VALUES)},`));
    case 2:
      return Buffer.from(text.replace(/\}(\s*)$/, `,"${random.pick(KEYS)}":${random.pick(VALUES)}}$1`));
    case 3:
      return Buffer.from(replaceValue(text, random.below(12), random.pick(VALUES)));
    default:
      return Buffer.from(text.replace(/"id" ?: ?("[^"]*"|[^,}]*)/, `"id":${random.pick(VALUES)}`));
  }
}

/** The n-th text, number or word of a message, replaced. */
function replaceValue(text, nth, value) {
  let seen = 0;
  const scalar = /(?<=[:[,] ?)("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g;
  return text.replace(scalar, (found) => (seen++ === nth ? value : found));
}
