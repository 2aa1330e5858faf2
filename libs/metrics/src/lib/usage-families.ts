import type { UsageStore } from '@mining-proxy/billing';
import type { FamilyDefinition } from './read-family';
import { histogramSamples } from './session-families';

/** How usage is kept: the journal, and how far the ledger is behind it. */
export function usageFamilies(usage: UsageStore): readonly FamilyDefinition[] {
  const health = () => usage.health(Date.now());
  const one = (value: number) => [{ labels: {}, value }];
  return [
    {
      name: 'stratum_ledger_lag_seconds',
      type: 'gauge',
      help: 'How far the ledger is behind the journal; 0 where all that is on the disk is folded',
      samples: () => {
        // Who looks at the lag wants to know whether it falls.
        usage.hurry();
        return one(health().ledgerLagSeconds);
      },
    },
    {
      name: 'stratum_export_lag_seconds',
      type: 'gauge',
      help: 'How old the oldest finished usage is that the receiver of billing.export has not confirmed; 0 where none waits',
      samples: () => one(health().exportLagSeconds ?? 0),
    },
    {
      name: 'stratum_journal_bytes',
      type: 'gauge',
      help: 'Bytes of journal segments on the disk',
      samples: () => one(health().journalBytes),
    },
    {
      name: 'stratum_journal_errors_total',
      type: 'counter',
      help: 'Writes and syncs of the journal that failed, and segments that could not be opened',
      samples: () => one(health().journalErrors),
    },
    {
      name: 'stratum_journal_bad_records_total',
      type: 'counter',
      help: 'Since the start: journal records that could not be read (damaged), sessions without a beginning (orphan)',
      samples: () => {
        const { badRecords, orphans } = health().damageSeen;
        return [
          { labels: { reason: 'damaged' }, value: badRecords },
          { labels: { reason: 'orphan' }, value: orphans },
        ];
      },
    },
    {
      name: 'stratum_journal_write_seconds',
      type: 'histogram',
      help: 'What writing the journal takes of a turn of the event loop',
      samples: () => histogramSamples('stratum_journal_write_seconds', {}, usage.journalWriteSeconds),
    },
  ];
}
