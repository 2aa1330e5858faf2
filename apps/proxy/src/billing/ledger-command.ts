import { backUpLedger, openLedger, type DocumentSigner, type LedgerReports } from '@mining-proxy/billing';
import type { ProxyConfig } from '@mining-proxy/config';
import type { LedgerCommand } from '../command-line';
import { documentSigner, usageStoreOptions } from '../wiring';
import { csvOf, statementTable } from './csv';
import type { Parameters } from './parameters';
import { usageCsv, usagePages } from './usage-pages';
import { formatOf, usageQueryOf } from './usage-question';

/**
 * Asks the ledger of the configuration, prints the answer with `print`, and resolves to the exit code. Takes no
 * lock: a proxy may be running on it. Throws what the ledger or the parameters say.
 */
export async function runLedgerCommand(
  command: LedgerCommand,
  config: ProxyConfig,
  print: (text: string) => void,
): Promise<number> {
  const { dataDirectory, databaseUrl, rates } = usageStoreOptions(config);
  if (command.name === 'backup') {
    backUpLedger({ dataDirectory, databaseUrl }, command.file);
    return 0;
  }
  const ledger = openLedger({ dataDirectory, databaseUrl, rates });
  try {
    return await answer(command, ledger, documentSigner(config), print);
  } finally {
    await ledger.stop();
  }
}

async function answer(
  command: Exclude<LedgerCommand, { name: 'backup' }>,
  ledger: LedgerReports,
  signer: DocumentSigner,
  print: (text: string) => void,
): Promise<number> {
  switch (command.name) {
    case 'usage':
      await printUsage(command.parameters, ledger, print);
      return 0;
    case 'statement': {
      const format = formatOf(command.format);
      const statement = await ledger.statement(command.clientId, command.month);
      print(format === 'csv' ? csvOf(statementTable(statement), true) : json(signer.sign(statement)));
      return 0;
    }
    case 'close':
      print(json(signer.sign(await ledger.close(command.month, command.without))));
      return 0;
    case 'verify': {
      const verification = await ledger.verify(command.month);
      print(json(verification));
      return verification.difference_count === 0 && verification.sha256_holds !== false ? 0 : 1;
    }
  }
}

/** All pages: JSON as one list, CSV as it comes. */
async function printUsage(
  parameters: Parameters,
  ledger: LedgerReports,
  print: (text: string) => void,
): Promise<void> {
  const query = usageQueryOf(parameters);
  if (formatOf(parameters.format) === 'csv') {
    for await (const text of usageCsv(ledger, query)) print(text);
    return;
  }
  const rows: unknown[] = [];
  for await (const page of usagePages(ledger, query)) rows.push(...page.rows);
  print(json({ rows }));
}

function json(answer: unknown): string {
  return `${JSON.stringify(answer, null, 2)}\n`;
}
