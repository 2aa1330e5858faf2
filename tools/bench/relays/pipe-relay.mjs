import { connect, createServer } from 'node:net';

/** The least that a relay in Node can be: two sockets piped into each other. A yardstick, not a product. */
const [poolPort, port] = process.argv.slice(2).map(Number);

createServer({ noDelay: true, allowHalfOpen: true }, (miner) => {
  const pool = connect({ port: poolPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  miner.pipe(pool);
  pool.pipe(miner);
  miner.on('error', () => pool.destroy());
  pool.on('error', () => miner.destroy());
}).listen({ port, host: '127.0.0.1', backlog: 4096 });
