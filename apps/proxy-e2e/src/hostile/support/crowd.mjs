import { connect } from 'node:net';

/**
 * Many miners at once, in a process of their own with file descriptors of its own. Told by one argument:
 *
 * { port, count, atOnce, sources, ends: 'stay' | 'fin' | 'reset' | 'mixed' | 'at_once' }
 *
 * Each miner logs in and submits a share; it is served when the share is accepted. `at_once` resets as soon as the
 * connection is up and waits for nothing. `mixed` takes turns at all ways to leave. Prints what became of them when
 * that is known of all; those that stay leave when standard input ends.
 */
const { port, count, atOnce = count, sources = 1, ends } = JSON.parse(process.argv[2]);

const WAYS = ['fin', 'reset', 'at_once'];
const result = { event: 'settled', served: 0, refused: 0, failed: {}, reset: 0 };
const staying = new Set();
const startedAt = performance.now();
let begun = 0;
let settled = 0;

function login(n) {
  const worker = `crowd${n % 20}.rig${n % 100}`;
  return (
    `{"id":1,"method":"mining.subscribe","params":["crowd/1.0"]}\n` +
    `{"id":2,"method":"mining.authorize","params":["${worker}","x"]}\n` +
    `{"id":3,"method":"mining.submit","params":["${worker}","j1","00000000","65f00000","${n}"]}\n`
  );
}

function next() {
  if (begun === count) return;
  const n = begun++;
  const way = ends === 'mixed' ? WAYS[n % WAYS.length] : ends;
  // Loopback is a network: with more addresses there are more ports.
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.${1 + (n % sources)}.1` });
  let outcome = 'refused';
  let heard = '';
  socket.on('connect', () => {
    if (way === 'at_once') {
      outcome = 'reset';
      socket.resetAndDestroy();
    } else socket.write(login(n));
  });
  socket.on('data', (chunk) => {
    if (outcome === 'served') return;
    heard += chunk.toString('latin1');
    if (!heard.includes('"id":3,"result":true')) return;
    outcome = 'served';
    if (way === 'fin') socket.end();
    else if (way === 'reset') socket.resetAndDestroy();
    else {
      staying.add(socket);
      settle('served');
    }
  });
  socket.on('error', ({ code }) => {
    if (code !== 'ECONNRESET' && outcome === 'refused') outcome = code;
  });
  socket.on('close', () => {
    if (!staying.delete(socket)) settle(outcome);
  });
}

function settle(outcome) {
  settled += 1;
  if (outcome in result && outcome !== 'failed') result[outcome] += 1;
  else result.failed[outcome] = (result.failed[outcome] ?? 0) + 1;
  if (settled === count) {
    console.log(JSON.stringify({ ...result, ms: Math.round(performance.now() - startedAt) }));
    if (ends !== 'stay') process.exit(0);
  } else next();
}

process.stdin.on('end', () => process.exit(0)).resume();
while (begun < Math.min(atOnce, count)) next();
