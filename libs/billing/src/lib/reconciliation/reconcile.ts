import { existsSync } from 'node:fs';
import type { Kysely } from 'kysely';
import { ledgerLocation, openDatabase, readSnapshot, type LedgerDatabase } from '../ledger/database/database';
import { migrate } from '../ledger/database/migrate';
import type { LedgerTables } from '../ledger/database/schema';
import { LedgerMissingError, type LedgerPlace } from '../ledger/open-ledger';
import { compare, type Comparison, type EdgeWork } from './compare';
import {
  addWork,
  foldedThrough,
  noWork,
  workersWithShares,
  workOfDay,
  type LedgerQuestion,
  type LedgerWork,
} from './ledger-work';
import { matchNames, type NameMatch } from './match-names';
import type { Measure } from './measure';
import { WHOLE_MONTH, type Credit, type Level, type PoolCredits } from './pool-credits';
import { dayText } from './pool-days';

/** What is compared, and what is let pass. */
export interface ReconciliationOptions {
  /** `identity.separators` of the configuration. */
  readonly separators: string;
  readonly clientId?: string | undefined;
  readonly pool?: string | undefined;
  readonly account?: string | undefined;
  readonly edgeHours: number;
  readonly tolerancePpm: bigint;
}

/** One name on one day, or in all days of the file. */
export interface ReconciledRow extends Comparison {
  readonly name: string;
  /** `2026-11-01`, or undefined for all days. */
  readonly day?: string;
  /** Present where only one of the two knows the name. */
  readonly only?: 'pool' | 'ledger';
  /** Of a name of the file: the workers of the ledger that it could be, where these are several. */
  readonly couldBe?: readonly string[];
}

/** What a pool's file says of a month beside what the ledger has. */
export interface Reconciliation {
  readonly month: string;
  readonly measure: Measure;
  readonly level: Level;
  /** The first and the last day that the file speaks of: nothing else is compared. */
  readonly from: string;
  readonly to: string;
  /** All names together. */
  readonly total: Comparison;
  /** A row for each name, and, where the file has days, for each day of one. */
  readonly rows: readonly ReconciledRow[];
  readonly differs: boolean;
  readonly fileRows: number;
  readonly otherMonths: number;
  readonly repeatedRows: number;
  /** The ledger has nothing yet of what came later, milliseconds since 1970; undefined where it has all. */
  readonly completeUntil: number | undefined;
}

/** The file has nothing of the month, so that there is nothing to compare. */
export class NothingToReconcileError extends Error {
  readonly code = 'BAD_QUERY';
}

/**
 * Holds what a pool says it credited against the ledger, as it is at one moment: a proxy may be folding meanwhile, and does
 * not wait. Rejects with `LedgerMissingError`, `NothingToReconcileError`, or what the ledger says.
 */
export async function reconcile(
  { dataDirectory, databaseUrl }: Omit<LedgerPlace, 'rates'>,
  credits: PoolCredits,
  options: ReconciliationOptions,
): Promise<Reconciliation> {
  const location = ledgerLocation(dataDirectory, databaseUrl);
  if (location.kind === 'sqlite' && !existsSync(location.file))
    throw new LedgerMissingError(`there is no ledger at ${location.file}`);
  const database = openDatabase(location);
  try {
    await migrate(database);
    return await reconcileIn(database, credits, options);
  } finally {
    await database.close();
  }
}

/** The same on a ledger that is open. */
export function reconcileIn(
  database: LedgerDatabase,
  credits: PoolCredits,
  options: ReconciliationOptions,
): Promise<Reconciliation> {
  return readSnapshot(database, (snapshot) => new MonthComparison(snapshot, credits, options).run());
}

/** The sums of one name over all days. */
interface NameSum {
  readonly work: LedgerWork;
  readonly credit: Credit;
  inside: bigint;
  outside: bigint;
}

/** Goes through the days of the ledger one by one: no more of it is in memory than three of them. */
class MonthComparison {
  private readonly rows: ReconciledRow[] = [];
  private readonly sums = new Map<string, NameSum>();
  /** The file's credits by the ledger's names, and by their own where the ledger has none. */
  private readonly credited = new Map<string, ReadonlyMap<number, Credit>[]>();
  private match: NameMatch | undefined;
  private readonly question: LedgerQuestion;

  constructor(
    private readonly tables: Kysely<LedgerTables>,
    private readonly credits: PoolCredits,
    private readonly options: ReconciliationOptions,
  ) {
    const { edgeHours, clientId, pool } = options;
    this.question = { days: credits.days, measure: credits.measure, edgeHours, clientId, pool };
  }

  async run(): Promise<Reconciliation> {
    const { credits } = this;
    const { span } = credits;
    if (!span) {
      throw new NothingToReconcileError(
        `the file has nothing of ${credits.days.month}: ${credits.otherMonths} of its rows are of other months`,
      );
    }
    const workers = await workersWithShares(this.tables, this.question, span);
    const { separators, account } = this.options;
    this.match = matchNames(workers, { level: credits.level, separators, account });
    const known = new Set(workers.map(this.match.ledgerName));
    for (const name of credits.names) {
      const own = this.match.matchOf(name) ?? name;
      this.credited.set(own, [...(this.credited.get(own) ?? []), credits.of(name)]);
    }
    await this.compareDays(span);
    this.compareSums(known);
    return this.result(span);
  }

  private async compareDays({
    first,
    last,
  }: {
    readonly first: number;
    readonly last: number;
  }): Promise<void> {
    let before = await this.day(first - 1);
    let now = await this.day(first);
    for (let day = first; day <= last; day += 1) {
      const after = await this.day(day + 1);
      for (const name of new Set([...now.keys(), ...this.credited.keys()])) {
        const work = now.get(name) ?? noWork();
        const outside = (before.get(name)?.atEnd ?? 0n) + (after.get(name)?.atBeginning ?? 0n);
        const sum = this.sumOf(name);
        addWork(sum.work, work);
        if (day === first) {
          sum.inside += work.atBeginning;
          sum.outside += before.get(name)?.atEnd ?? 0n;
        }
        if (day === last) {
          sum.inside += work.atEnd;
          sum.outside += after.get(name)?.atBeginning ?? 0n;
        }
        if (this.credits.hasDays) {
          this.compareDay(name, day, work, { inside: work.atBeginning + work.atEnd, outside });
        }
      }
      [before, now] = [now, after];
    }
    if (this.credits.hasDays) return;
    for (const name of this.credited.keys())
      addCredit(this.sumOf(name).credit, this.creditOf(name, WHOLE_MONTH));
  }

  private compareDay(name: string, day: number, work: LedgerWork, edges: EdgeWork): void {
    const credit = this.creditOf(name, day);
    addCredit(this.sumOf(name).credit, credit);
    const comparison = compare(credit, work, edges, this.rules);
    if (comparison.pool === 0n && comparison.ledger === 0n) return;
    this.rows.push({ name, day: dayText(day), ...comparison });
  }

  private compareSums(known: ReadonlySet<string | undefined>): void {
    for (const [name, { credit, work, inside, outside }] of this.sums) {
      const comparison = compare(credit, work, { inside, outside }, this.rules);
      const couldBe = this.match?.candidatesFor(name) ?? [];
      const only = !known.has(name) ? 'pool' : this.credited.has(name) ? undefined : 'ledger';
      if (comparison.pool === 0n && comparison.ledger === 0n) continue;
      this.rows.push({
        name,
        ...comparison,
        ...(only === undefined ? {} : { only }),
        ...(couldBe.length > 1 ? { couldBe } : {}),
      });
    }
  }

  private async result({
    first,
    last,
  }: {
    readonly first: number;
    readonly last: number;
  }): Promise<Reconciliation> {
    const { credits, rows } = this;
    const total = this.total();
    const through = await foldedThrough(this.tables);
    const end = credits.days.beginning(last + 1);
    return {
      month: credits.days.month,
      measure: credits.measure,
      level: credits.level,
      from: dayText(first),
      to: dayText(last),
      total,
      rows,
      differs: total.finding === 'differs' || rows.some(({ finding }) => finding === 'differs'),
      fileRows: credits.rows,
      otherMonths: credits.otherMonths,
      repeatedRows: credits.repeated,
      completeUntil: through !== undefined && through < end ? through : undefined,
    };
  }

  private total(): Comparison {
    const all: NameSum = newSum();
    for (const { credit, work, inside, outside } of this.sums.values()) {
      addWork(all.work, work);
      addCredit(all.credit, credit);
      all.inside += inside;
      all.outside += outside;
    }
    return compare(all.credit, all.work, all, this.rules);
  }

  private get rules() {
    return { measure: this.credits.measure, tolerancePpm: this.options.tolerancePpm };
  }

  private day(day: number): Promise<Map<string, LedgerWork>> {
    return workOfDay(this.tables, this.question, day, (worker) => this.match?.ledgerName(worker));
  }

  private creditOf(name: string, day: number): Credit {
    const sum: Credit = { amount: 0n, rounding: 0n };
    for (const credits of this.credited.get(name) ?? []) {
      const credit = credits.get(day);
      if (credit) addCredit(sum, credit);
    }
    return sum;
  }

  private sumOf(name: string): NameSum {
    let sum = this.sums.get(name);
    if (!sum) this.sums.set(name, (sum = newSum()));
    return sum;
  }
}

function newSum(): NameSum {
  return { work: noWork(), credit: { amount: 0n, rounding: 0n }, inside: 0n, outside: 0n };
}

function addCredit(to: Credit, { amount, rounding }: Credit): void {
  to.amount += amount;
  to.rounding += rounding;
}
