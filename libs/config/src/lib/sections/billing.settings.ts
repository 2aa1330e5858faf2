import { Currency, DatabaseUrl, DecimalText } from '../rules/money';
import { OptionalFilePath } from '../rules/files';
import { WholeNumber } from '../rules/numbers';
import { OptionalName } from '../rules/text';
import { Setting } from '../setting';
import type { ExportSettings } from './export.settings';

/** What is asked for one unit; what is absent is not billed. */
export class RateCardSettings {
  @Setting({ describe: 'Per accepted share', shownDefault: 'not billed' })
  @DecimalText()
  readonly perAcceptedShare?: string;

  @Setting({ describe: 'Per 10^12 hashes of accepted work', shownDefault: 'not billed' })
  @DecimalText()
  readonly perTerahash?: string;

  @Setting({ describe: 'Per TH/s-day of accepted work: 8.64 × 10^16 hashes', shownDefault: 'not billed' })
  @DecimalText()
  readonly perTerahashDay?: string;

  @Setting({ describe: 'Per 2^30 bytes, both directions together', shownDefault: 'not billed' })
  @DecimalText()
  readonly perGibibyte?: string;

  @Setting({ describe: 'Flat, per month', shownDefault: 'not billed' })
  @DecimalText()
  readonly perMonth?: string;
}

/** Section `billing.rates`: what usage costs. */
export class RatesSettings extends RateCardSettings {
  @Setting({ describe: 'Currency of all rates; required where there are any' })
  @Currency()
  readonly currency!: string;

  @Setting({ describe: 'Places that amounts are rounded to' })
  @WholeNumber(0, 12)
  readonly decimals: number = 2;

  /** By client id. Each rate stands in place of the one for everybody. */
  readonly clients: Readonly<Record<string, RateCardSettings>> = {};
}

/** Section `billing`: where usage is kept and what it costs. */
export class BillingSettings {
  @Setting({
    env: 'DATABASE_URL',
    restart: true,
    secret: true,
    describe: 'PostgreSQL for the ledger, shared by any number of proxies; without it SQLite in `data_dir`',
  })
  @DatabaseUrl()
  readonly databaseUrl: string | null = null;

  @Setting({ restart: true, describe: 'Days that folded journal segments are kept' })
  @WholeNumber(1, 3_650)
  readonly journalRetentionDays: number = 35;

  @Setting({
    restart: true,
    describe: 'Bytes that the journal may take: the oldest folded segments go first, unfolded ones never',
  })
  @WholeNumber(1_048_576, Number.MAX_SAFE_INTEGER)
  readonly journalMaxBytes: number = 10_737_418_240;

  @Setting({
    restart: true,
    describe: "Days that the ledger keeps a session's row after its end, `journal_retention_days` at least",
  })
  @WholeNumber(1, 36_500)
  readonly sessionsRetentionDays: number = 400;

  @Setting({ describe: 'Name of the operator, as it stands on statements' })
  @OptionalName()
  readonly operatorName: string | null = null;

  @Setting({
    describe: 'Private key of Ed25519 (PKCS #8, PEM) that statements and closed months are signed with',
  })
  @OptionalFilePath()
  readonly signingKeyFile: string | null = null;

  readonly rates: RatesSettings | null = null;

  readonly export: ExportSettings | null = null;
}
