const MAX_LINE_BYTES = 4096;
const MAX_PENDING = 1000;
const MAX_WORKERS = 1000;

/**
 * Feeds one script to two inspectors, message by message and cut at random, and throws for the first
 * promise that is broken: it does not throw, it tells the same however it is cut, it keeps no view of a
 * chunk, each share is in exactly one place after every event, its state is bounded.
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
  const differs = whole.told.findIndex((event, at) => event !== pieces.told[at]);
  if (differs >= 0 || whole.told.length !== pieces.told.length) {
    const at = differs >= 0 ? differs : whole.told.length;
    fail(`event ${at} depends on how it is cut:\n  ${whole.told[at]}\n  ${pieces.told[at]}`);
  }
  return whole.told.length;
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
