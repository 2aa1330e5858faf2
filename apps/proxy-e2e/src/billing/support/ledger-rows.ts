import { Program, PROXY_MAIN, type ProxyProcess } from '@mining-proxy/e2e-support';

/** One group of usage as the ledger tells it; all numbers are decimal text. */
export type LedgerRow = Readonly<Record<string, string>>;

interface UsagePage {
  readonly rows: readonly LedgerRow[];
  readonly next_cursor: string | null;
}

/** Where a ledger is, for a command that asks it without a proxy. */
export interface LedgerAddress {
  readonly dataDirectory: string;
  readonly databaseUrl?: string;
}

/** All rows of a question to the running proxy, over as many pages as they take. */
export async function usageRows(proxy: ProxyProcess, question: string): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  let cursor = '';
  do {
    const answer = await proxy.get(`/billing/usage?${question}${cursor}`);
    if (answer.status !== 200) throw new Error(`/billing/usage answers ${answer.status}: ${answer.body}`);
    const page = JSON.parse(answer.body) as UsagePage;
    rows.push(...page.rows);
    cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
  } while (cursor !== '');
  return rows;
}

/** Runs one of the program's ledger commands to its end; resolves with what it printed. Rejects unless it exits 0. */
export async function askLedger(
  { dataDirectory, databaseUrl }: LedgerAddress,
  ...args: readonly string[]
): Promise<string> {
  const program = Program.start(PROXY_MAIN, args, {
    POOL_HOST: '127.0.0.1',
    POOL_PORT: '1',
    DATA_DIR: dataDirectory,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  });
  const { code } = await program.ended();
  if (code !== 0)
    throw new Error(`${program.name} ends with ${String(code)}: ${program.stderr}${program.stdout}`);
  return program.stdout;
}

/** The ledger's rows where no proxy runs on it. */
export async function rowsAtRest(address: LedgerAddress, groupBy = 'client,worker'): Promise<LedgerRow[]> {
  const text = await askLedger(address, 'usage', '--group-by', groupBy);
  return (JSON.parse(text) as { rows: LedgerRow[] }).rows;
}

/** Submits that the ledger of the running proxy has. */
export async function foldedSubmits(proxy: ProxyProcess): Promise<number> {
  return total(await usageRows(proxy, 'group_by='), 'submits');
}

/** A column of the rows, added up. */
export function total(rows: readonly LedgerRow[], column: string): number {
  return rows.reduce((sum, row) => sum + Number(row[column] ?? NaN), 0);
}
