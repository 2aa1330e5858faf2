import { Milliseconds } from '../rules/numbers';
import { OneOf } from '../rules/text';
import { Setting } from '../setting';

const ON_DOWN = ['keep', 'close'] as const;
const FAILBACKS = ['never', 'on_reconnect', 'drain'] as const;

/** Section `failover`: what happens to sessions when pools go down and come up. */
export class FailoverSettings {
  @Setting({
    describe:
      'Sessions of a pool that is down: `close` moves all; `keep` leaves them until they hear nothing for `job_timeout_ms`',
  })
  @OneOf(ON_DOWN)
  readonly onDown: (typeof ON_DOWN)[number] = 'keep';

  @Setting({
    describe:
      'When a better pool is up again: `never` stays while the present one is up, `on_reconnect` takes miners that come, `drain` sends the others, too',
  })
  @OneOf(FAILBACKS)
  readonly failback: (typeof FAILBACKS)[number] = 'on_reconnect';

  @Setting({ describe: 'Time over which the closes of such sessions are spread' })
  @Milliseconds()
  readonly failoverSpreadMs: number = 5_000;

  @Setting({ describe: 'Longest pause before a miner is turned away while no pool is up' })
  @Milliseconds()
  readonly noPoolDelayMs: number = 2_000;
}
