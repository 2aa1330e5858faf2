import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { LedgerClient } from './ledger-client';

/** Is inside of a batch for 200 ms when it is told to stop. */
const BUSY = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ type }) => {
    if (type !== 'stop') return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    parentPort.close();
  });`;

/** Is inside of a batch for ever. */
const STUCK = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));`;

const LAST = { position: { segment: 1, offset: 1 }, at: 1 };

/**
 * Guards against a process that exits while the ledger's thread is inside of libsql: that aborts it, and a proxy told to
 * stop with much left to fold ended by a signal now and then.
 */
describe('LedgerClient', () => {
  it('is stopped when its thread has ended, however short the deadline', async () => {
    const thread = new Worker(BUSY, { eval: true });
    await once(thread, 'online');
    const client = new LedgerClient(thread);
    let ended = false;
    thread.on('exit', () => {
      ended = true;
      client.lost('it ended');
    });
    client.start();

    const folded = await client.stop(LAST, 0);

    expect({ folded, ended }).toEqual({ folded: false, ended: true });
  });

  it('cuts its thread off at the deadline where it may, and does not wait for the batch', async () => {
    const thread = new Worker(STUCK, { eval: true });
    await once(thread, 'online');
    const client = new LedgerClient(thread, () => void thread.terminate());
    thread.on('exit', () => client.lost('it ended'));
    client.start();

    const startedAt = performance.now();
    expect(await client.stop(LAST, 100)).toBe(false);

    // What the batch is waited for where it cannot be cut off is above it.
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });
});
