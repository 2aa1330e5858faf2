import { modulesOf } from './modules.mjs';

const SOURCES = {
  meters: 'testing/test-meters.ts',
  encoder: 'lib/journal/records/record-encoder.ts',
  lines: 'lib/journal/records/turn-lines.ts',
};
const JOB = [
  ...['j1', 'ab'.repeat(32), '01'.repeat(60), 'ff'.repeat(90), ['cd'.repeat(32), 'cd'.repeat(32)]],
  ...['20000000', '1c2ac4af', '504e86b9', false],
];

/**
 * Sessions of a checkout that have logged in and have a job, with what inspects and meters them and spells the journal:
 * all of the proxy but sockets and disk. Each has a `share(answer)` that gives the two chunks of its next share.
 */
export async function sessionsOf(checkout, count) {
  const modules = await modulesOf(checkout, 'meters', SOURCES);
  const { testMeters } = modules.meters;
  const encoder = new modules.encoder.RecordEncoder(() => 1);
  let written = 0;
  const lines = modules.lines && new modules.lines.TurnLines();
  const spell = (fact, at) => {
    if (fact.kind !== 'share') return encoder.record({ ...fact, at });
    written += 1;
    if (!lines) return Buffer.from(encoder.share(fact, at));
    lines.clear();
    encoder.share(fact, at, lines);
  };
  const meters = testMeters({
    facts: { append: (fact) => void spell(fact, Date.now()) },
    audit: { submitsPerSecond: 200, algorithmOf: () => 'sha256d', payoutAddresses: new Map() },
  });
  const sessions = Array.from({ length: count }, (_, n) => new Session(meters, n));
  return { sessions, written: () => written };
}

class Session {
  constructor(meters, n) {
    this.worker = `client${n % 20}.rig${n}`;
    this.id = 10;
    this.tap = meters.open(new View(n), () => undefined);
    this.say('to_upstream', { id: 1, method: 'mining.subscribe', params: ['cgminer/4.11.1'] });
    this.say('to_downstream', { id: 1, result: [[['mining.notify', 'a']], '08000002', 4], error: null });
    this.say('to_upstream', { id: 2, method: 'mining.authorize', params: [this.worker, 'x'] });
    this.say('to_downstream', { id: 2, result: true, error: null });
    this.say('to_downstream', { id: null, method: 'mining.set_difficulty', params: [16_384] });
    this.say('to_downstream', { id: null, method: 'mining.notify', params: JOB });
  }

  say(direction, message) {
    this.tap.chunk(direction, Buffer.from(`${JSON.stringify(message)}\n`));
  }

  /** The chunks of a share that nobody has sent before, and of its answer. */
  share(nonce) {
    const id = (this.id += 1);
    const hex = nonce.toString(16).padStart(8, '0');
    const params = [this.worker, 'j1', hex, '504e86ed', hex];
    return [
      { id, method: 'mining.submit', params },
      { id, result: true, error: null },
    ].map((message) => Buffer.from(`${JSON.stringify(message)}\n`));
  }
}

/** What the relay would show of a session. */
class View {
  listener = 'default';
  poolHost = 'pool.test:3333';
  remoteAddress = '198.51.100.7';
  remotePort = 50_000;
  acceptedAt = Date.now();
  bornAt = performance.now();
  bytesToUpstream = 0;
  bytesToDownstream = 0;

  constructor(n) {
    this.id = `proxy-7f9c6d-1a2b3c4d-${n + 1}`;
  }

  get durationMs() {
    return performance.now() - this.bornAt;
  }
}
