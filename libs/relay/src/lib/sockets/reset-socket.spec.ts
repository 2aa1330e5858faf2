import { once } from 'node:events';
import { connect } from 'node:net';
import { FakePool } from '../../testing';
import { resetSocket } from './reset-socket';

/**
 * libuv refuses to reset a connection whose FIN it is just sending (EINVAL). Node then reports the error but
 * never closes the socket: no `close` event, and the descriptor is lost until the process ends.
 */
describe('resetSocket', () => {
  let pool: FakePool;
  beforeEach(async () => (pool = await FakePool.listen()));
  afterEach(() => pool.close());
  const dial = () => connect({ port: pool.port, host: '127.0.0.1', allowHalfOpen: true });

  it('resets an open connection', async () => {
    const socket = dial();
    await once(socket, 'connect');
    resetSocket(socket);
    expect((await (await pool.next()).closed).errorCode).toBe('ECONNRESET');
  });

  it('closes a socket whose FIN is on its way out, in each of the turns that this takes', async () => {
    for (let turns = 0; turns < 8; turns += 1) {
      const socket = dial();
      await once(socket, 'connect');
      socket.end();
      for (let turn = 0; turn < turns; turn += 1)
        await new Promise<void>((resolve) => process.nextTick(resolve));
      const closed = once(socket, 'close');
      resetSocket(socket);
      await closed;
    }
    expect(pool.peers.length).toBeGreaterThan(0);
  });

  it('gives up a connection that is not up yet', async () => {
    const socket = dial();
    const closed = once(socket, 'close');
    resetSocket(socket);
    expect(socket.destroyed).toBe(true);
    await closed;
  });
});
