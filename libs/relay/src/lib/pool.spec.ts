import { once } from 'node:events';
import { FakePool } from '../testing';
import { Pool } from './pool';
import { dataReading } from './socket-reading';

describe('Pool', () => {
  const pool = () => new Pool({ host: 'pool.example.com', port: 3333 });

  it('is called by its host and port, an IPv6 address in brackets', () => {
    expect(pool().poolHost).toBe('pool.example.com:3333');
    expect(new Pool({ host: '2001:db8::1', port: 3333 }).poolHost).toBe('[2001:db8::1]:3333');
  });

  it('is down from the third failed dial in a row, and says so at that one only', () => {
    const subject = pool();
    expect([subject.missed(), subject.missed(), subject.missed(), subject.missed()]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(subject.up).toBe(false);
  });

  it('is up again after one success, and says so at that one only', () => {
    const subject = pool();
    for (let i = 0; i < 5; i += 1) subject.missed();
    expect([subject.reached(), subject.reached()]).toEqual([true, false]);
    expect(subject.up).toBe(true);
  });

  it('starts to count anew after a success', () => {
    const subject = pool();
    for (const dial of ['missed', 'missed', 'reached', 'missed', 'missed'] as const) subject[dial]();
    expect(subject.up).toBe(true);
  });

  it('dials its address', async () => {
    const fake = await FakePool.listen();
    const dialled = new Pool({ host: '127.0.0.1', port: fake.port }).dial(dataReading);
    await once(dialled.socket, 'connect');
    expect((await fake.next()).socket.remotePort).toBe(dialled.socket.localPort);
    dialled.socket.destroy();
    await fake.close();
  });
});
