import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** The least that a relay in Node can be: two sockets piped into each other. A yardstick, not a product. */
const [poolPort, port, certFile, keyFile] = process.argv.slice(2);
const options = { noDelay: true, allowHalfOpen: true };
const server = certFile
  ? createTlsServer({ ...options, cert: readFileSync(certFile), key: readFileSync(keyFile) }, relay)
  : createServer(options, relay);
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });

function relay(miner) {
  const pool = connect({ ...options, port: Number(poolPort), host: '127.0.0.1' });
  miner.pipe(pool);
  pool.pipe(miner);
  miner.on('error', () => pool.destroy());
  pool.on('error', () => miner.destroy());
}
