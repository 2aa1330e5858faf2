import { cidr, withPrefixes } from '../rules/cidr';
import { WholeNumber } from '../rules/numbers';
import { EachOf } from '../rules/rule';
import { Setting } from '../setting';

const MOST = 1_000_000;

/** `access.ban`: addresses that send only junk are turned away for a while. */
export class BanSettings {
  @Setting({ describe: 'Junk sessions of an address within `within_s` that get it banned' })
  @WholeNumber(1, MOST)
  readonly junkSessions: number = 20;

  @Setting({ describe: 'Seconds in which they are counted' })
  @WholeNumber(1, 86_400)
  readonly withinS: number = 60;

  @Setting({ describe: 'Seconds that a ban lasts' })
  @WholeNumber(1, 604_800)
  readonly forS: number = 600;
}

/** Section `access`: which addresses may connect, how many at a time, and how fast. */
export class AccessSettings {
  @Setting({
    normalize: withPrefixes,
    describe: 'Addresses that miners may come from; without any, from everywhere',
  })
  @EachOf(cidr)
  readonly allowCidrs: readonly string[] = [];

  @Setting({
    normalize: withPrefixes,
    describe: 'Addresses that miners may not come from, also where `allow_cidrs` has them',
  })
  @EachOf(cidr)
  readonly denyCidrs: readonly string[] = [];

  @Setting({ describe: 'Sessions of one address (IPv6: of one /64) at a time; 0: any number' })
  @WholeNumber(0, MOST)
  readonly maxConnectionsPerIp: number = 0;

  @Setting({ describe: 'Connections per second, of all miners together; 0: any number' })
  @WholeNumber(0, MOST)
  readonly connectRatePerS: number = 0;

  @Setting({ describe: 'Connections per second of one address (IPv6: of one /64); 0: any number' })
  @WholeNumber(0, MOST)
  readonly connectRatePerIpPerS: number = 0;

  @Setting({
    describe: 'Connections that may come at once before a rate holds: a farm that comes back has to get in',
  })
  @WholeNumber(1, MOST)
  readonly connectBurst: number = 2_000;

  readonly ban: BanSettings | null = null;
}
