import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';

const LONGEST_MS = 10_000;

/**
 * Connects as a miner does that verifies the certificate, by the authorities in the file `ca` and for `host`, and
 * subscribes. Resolves once that is answered, to what waits for the proxy to close the session, and what ends it.
 */
export async function subscribeOverTls({ port, host, ca }) {
  const socket = connect({ port, host: '127.0.0.1', servername: host, ca: readFileSync(ca) });
  await once(socket, 'secureConnect');
  const closed = once(
    socket.on('error', () => undefined),
    'close',
  );
  socket.write(`${JSON.stringify({ id: 1, method: 'mining.subscribe', params: [] })}\n`);
  const [line] = await inTime('an answer', once(createInterface({ input: socket }), 'line'));
  if (JSON.parse(line).id !== 1) throw new Error(`not an answer: ${line}`);
  return { closes: () => inTime('the end of the session', closed), end: () => socket.end() };
}

function inTime(what, promise) {
  const late = pause(LONGEST_MS, undefined, { ref: false }).then(() => {
    throw new Error(`not in ${LONGEST_MS} ms: ${what}`);
  });
  return Promise.race([promise, late]);
}
