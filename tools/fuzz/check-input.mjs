const MAX_LINE_BYTES = 4096;
const MAX_PENDING = 1000;
const MAX_WORKERS = 1000;
const FRAME_MARK = 0x7f;
const BLANKS = Buffer.alloc(600, 0x20);

/**
 * Feeds one script to two inspectors, message by message and cut at random, and throws for the first
 * promise that is broken: it does not throw, it tells the same however it is cut and whether or not it
 * knows a line from one before, it keeps no view of a chunk, each share is in exactly one place after every
 * event, its state is bounded.
 * Returns how many events there were.
 */
export function checkInput(parser, script, random) {
  const whole = new Watch(parser);
  for (const { direction, bytes } of script) whole.chunk(direction, bytes);
  whole.close();

  const pieces = new Watch(parser);
  for (const { direction, bytes } of script) {
    for (let at = 0; at < bytes.length;) {
      const size = random.once(4) ? 1 + random.below(4) : 1 + random.below(bytes.length);
      const piece = Buffer.from(bytes.subarray(at, at + size));
      pieces.chunk(direction, piece);
      piece.fill(0x22);
      at += size;
    }
  }
  pieces.close();
  expectSame(whole, pieces, 'how it is cut');

  // A frame's mark decides what the bytes behind it are: nothing may be put there.
  if (!script.some(({ bytes }) => bytes.includes(FRAME_MARK))) {
    const parsed = new Watch(parser);
    feedStretched(parsed, script);
    expectSame(whole, parsed, 'what was parsed before');
  }
  return whole.told.length;
}

function expectSame({ told }, other, what) {
  const differs = told.findIndex((event, at) => event !== other.told[at]);
  if (differs < 0 && told.length === other.told.length) return;
  const at = differs >= 0 ? differs : told.length;
  fail(`event ${at} depends on ${what}:\n  ${told[at]}\n  ${other.told[at]}`);
}

/**
 * Feeds the script with so many blanks in its lines of JSON that they are long, and are parsed each: templates
 * are of short lines only. Broken lines stay as they are, and so does what stands behind an unfinished one
 * and what decides what the stream is.
 */
function feedStretched(watch, script) {
  const atLineStart = { to_upstream: true, to_downstream: true };
  for (const { direction, bytes } of script) {
    const begins =
      atLineStart[direction] && (direction === 'to_downstream' || watch.inspector.mode === 'json');
    if (bytes.length > 0) atLineStart[direction] = bytes.at(-1) === 0x0a;
    const fits = bytes.length + BLANKS.length <= MAX_LINE_BYTES;
    const isStretched = begins && fits && bytes[0] === 0x7b && isJson(bytes);
    watch.chunk(
      direction,
      isStretched ? Buffer.concat([bytes.subarray(0, 1), BLANKS, bytes.subarray(1)]) : bytes,
    );
  }
  watch.close();
}

function isJson(bytes) {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

class Watch {
  told = [];
  open = new Set();
  settled = 0;
  submits = 0;

  constructor({ StratumInspector }) {
    this.inspector = new StratumInspector({ maxLineBytes: MAX_LINE_BYTES, now: () => 0 }, this);
  }

  chunk(direction, bytes) {
    this.inspector.chunk(direction, bytes);
    const { pendingCount, inFlight, workers, heldBytes } = this.inspector;
    if (inFlight > pendingCount || pendingCount > MAX_PENDING) fail(`${pendingCount} requests are pending`);
    if (heldBytes > 2 * MAX_LINE_BYTES + 256) fail(`${heldBytes} bytes are kept`);
    if (workers.length > MAX_WORKERS) fail(`${workers.length} workers are known`);
  }

  close() {
    this.inspector.close();
    if (this.open.size > 0 || this.settled !== this.submits) fail(`${this.open.size} shares are nowhere`);
  }

  push(event) {
    this.told.push(JSON.stringify(event));
    if (event.kind === 'submit') {
      this.submits += 1;
      this.open.add(event.share);
    } else if (event.kind === 'unanswered' || (event.kind === 'response' && event.to === 'submit')) {
      this.settled += 1;
      if (!this.open.delete(event.share)) fail('a share is settled that is not open');
    }
    if (this.submits !== this.settled + this.inspector.inFlight) {
      fail(`${this.submits} submits, ${this.settled} settled, ${this.inspector.inFlight} in flight`);
    }
    if (
      event.share &&
      event.share.hashes !== null &&
      !(event.share.hashes > 0 && event.share.hashes < Infinity)
    ) {
      fail(`a share of ${event.share.hashes} hashes`);
    }
  }
}

function fail(why) {
  throw new Error(why);
}
