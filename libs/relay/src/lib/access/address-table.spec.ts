import { AddressTable, keyOf } from './address-table';

const RATE = { perSecond: 1, burst: 10 };
const BAN = { junkSessions: 3, withinMs: 1_000, forMs: 5_000 };
const alone = () => false;

describe('keyOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
  ])('counts %s as %s', (address, key) => {
    expect(keyOf(address)).toBe(key);
  });
});

describe('AddressTable', () => {
  it('has one entry for all addresses of a /64', () => {
    const table = new AddressTable();
    const entry = table.entry('2001:db8:1:2::1', 0, RATE);
    expect(table.find('2001:db8:1:2:ffff::9')).toBe(entry);
    expect(table.find('2001:db8:1:3::1')).toBeUndefined();
  });

  it('stays within its bound however many come, and keeps those that have sessions', () => {
    const table = new AddressTable(100);
    const kept = table.entry('192.0.2.1', 0, RATE);
    kept.sessions = 1;
    for (let n = 0; n < 5_000; n += 1) table.entry(`10.0.${n >> 8}.${n & 255}`, 0, RATE);
    expect(table.size).toBeLessThanOrEqual(100);
    expect(table.find('192.0.2.1')).toBe(kept);
  });

  it('stays within its bound where each that comes is banned, the oldest ban going first', () => {
    const table = new AddressTable(50);
    for (let n = 0; n < 500; n += 1) {
      const entry = table.entry(`10.0.${n >> 8}.${n & 255}`, 0, RATE);
      for (let time = 0; time < BAN.junkSessions; time += 1) entry.sentJunk(0, BAN, alone);
    }
    expect(table.size).toBeLessThanOrEqual(50);
    expect(table.find('10.0.1.243')!.bannedUntil).toBe(BAN.forMs);
  });
});

describe('AddressEntry', () => {
  const entry = () => new AddressTable().entry('192.0.2.1', 0, RATE);

  it('is banned for a while by so much junk within the time', () => {
    const address = entry();
    expect([0, 1, 2].map((now) => address.sentJunk(now, BAN, alone))).toEqual([false, false, true]);
    expect(address.bannedUntil).toBe(5_002);
  });

  it('is not banned by junk that comes now and then', () => {
    const address = entry();
    const seen = Array.from({ length: 20 }, (_, n) => address.sentJunk(n * 600, BAN, alone));
    expect(seen).not.toContain(true);
  });

  it('is not banned while a miner of it works, nor for a day after one has', () => {
    const address = entry();
    for (const now of [0, 1, 2]) expect(address.sentJunk(now, BAN, () => true)).toBe(false);
    for (const now of [3, 4, 5, 86_400_000]) expect(address.sentJunk(now, BAN, alone)).toBe(false);
    const later = 86_400_003;
    expect([0, 1, 2].map((ms) => address.sentJunk(later + ms, BAN, alone))).toEqual([false, false, true]);
  });

  it('is not banned any more once a miner of it works', () => {
    const address = entry();
    for (const now of [0, 1, 2]) address.sentJunk(now, BAN, alone);
    address.worked(3);
    expect(address.bannedUntil).toBeLessThan(3);
  });
});
