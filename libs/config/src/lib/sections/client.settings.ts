import { payoutAddress } from '../rules/payout-address';
import { cidr, withPrefixes } from '../rules/cidr';
import { WholeNumber } from '../rules/numbers';
import { EachOf } from '../rules/rule';
import { ClientId, OptionalName, Switch, Token, name } from '../rules/text';
import { Setting } from '../setting';

/** One entry of the list `clients`: who is billed, and what tells its sessions from others. */
export class ClientSettings {
  @Setting({ describe: 'Name the client is billed under; unique' })
  @ClientId()
  readonly clientId!: string;

  @Setting({
    normalize: withPrefixes,
    describe: 'Source addresses of the client: `10.0.0.0/8`, or a single address',
  })
  @EachOf(cidr)
  readonly sourceCidrs: readonly string[] = [];

  @Setting({ describe: 'Logins of the client; `*` stands for any text, `?` for one character' })
  @EachOf(name)
  readonly workers: readonly string[] = [];

  @Setting({
    describe: 'Accounts the client may mine to, patterns likewise; any other is counted as foreign',
  })
  @EachOf(name)
  readonly accounts: readonly string[] = [];

  @Setting({
    describe:
      'Addresses that its jobs have to pay, one of them at least, as for a solo miner; a job that pays none is counted and alerted',
  })
  @EachOf(payoutAddress)
  readonly payoutAddresses: readonly string[] = [];

  @Setting({ describe: 'Name of the client, as it stands on its statements; null: its `client_id`' })
  @OptionalName()
  readonly name: string | null = null;

  @Setting({ describe: 'Sessions of the client at a time; 0: any number' })
  @WholeNumber(0, 1_000_000)
  readonly maxConnections: number = 0;

  @Setting({ describe: 'Sessions of the client that may begin per second; 0: any number' })
  @WholeNumber(0, 1_000_000)
  readonly connectRatePerS: number = 0;

  @Setting({ describe: 'Its sessions are closed in order, and refused from then on' })
  @Switch()
  readonly suspended: boolean = false;

  @Setting({
    secret: true,
    describe:
      'Bearer token with which the client reads its own sessions, usage and statements, and nothing else',
  })
  @Token()
  readonly viewToken: string | null = null;
}
