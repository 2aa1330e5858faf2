import { HttpUrl, OptionalDay } from '../rules/export';
import { Milliseconds, WholeNumber } from '../rules/numbers';
import { Token } from '../rules/text';
import { Setting } from '../setting';

/** Section `billing.export`: a billing system that is sent the usage of each finished hour. */
export class ExportSettings {
  @Setting({ describe: 'Where CloudEvents are posted to: OpenMeter, Kong metering, or any receiver of them' })
  @HttpUrl()
  readonly url!: string;

  @Setting({ secret: true, describe: 'Sent to it as `Authorization: Bearer`' })
  @Token()
  readonly token: string | null = null;

  @Setting({ describe: 'Events in one request, as a batch; 1 sends each alone' })
  @WholeNumber(1, 1_000)
  readonly batchSize: number = 100;

  @Setting({ describe: 'How often finished hours are looked for' })
  @Milliseconds()
  readonly intervalMs: number = 60_000;

  @Setting({ describe: 'How long the receiver may take to answer before it is asked again' })
  @Milliseconds()
  readonly timeoutMs: number = 30_000;

  @Setting({
    describe: 'First day, UTC, whose usage is sent: `"2026-12-01"`. Without it all that is in the ledger',
  })
  @OptionalDay()
  readonly from: string | null = null;
}
