import { OVERFLOW, UNASSIGNED } from '../identity/client-directory';
import type { Fact, JournalRecord, SumsFact } from './records/record';
import { startOfHour } from '../ledger/database/calendar';
import { numbersOf, type NamedNumber } from './records/fact-numbers';

/** Whose a session is, as far as the journal was told. */
interface SessionOwner {
  readonly open: JournalRecord;
  client: JournalRecord | undefined;
  /** Its `open` was neither written nor kept: it is not known by its id to whoever reads the journal. */
  unwritten: boolean;
}

/** Facts that are added up. */
type AddedFact = Extract<Fact, { kind: 'share' | 'usage' | 'close' | 'foreign' }>;

interface Sum {
  readonly of: Omit<SumsFact, 'kind' | 'numbers'>;
  readonly numbers: Map<string, bigint>;
}

/** How much detail is kept in memory while nothing can be written. */
export interface WaitingLimits {
  /** Sessions that may open while nothing can be written and still be told apart. */
  readonly sessions: number;
  /** Sums that are kept, apart by session, worker, dialect and hour. */
  readonly sums: number;
  /** Block candidates that are kept; of more the sums still have the count. */
  readonly blocks: number;
}

export const WAITING_LIMITS: WaitingLimits = { sessions: 20_000, sums: 50_000, blocks: 1_000 };

/**
 * Keeps facts in memory while they cannot be written, in bounded space: shares and progress as sums, sessions
 * as they come. Beyond the limits details go, first the session and the worker, then the client; counts
 * never do.
 */
export class WaitingFacts {
  private readonly owners = new Map<string, SessionOwner>();
  private sessionRecords: string[] = [];
  private opens = 0;
  private blocks = 0;
  private sums = new Map<string, Sum>();

  /** `encode` spells what is written at last, in that order. */
  constructor(
    private readonly encode: (record: JournalRecord) => string,
    private readonly limits: WaitingLimits = WAITING_LIMITS,
  ) {}

  get size(): number {
    return this.sessionRecords.length + this.sums.size;
  }

  /** Remembers whose a session is. Called for every record, kept or written. */
  follow(record: JournalRecord): void {
    if (record.kind === 'open') {
      this.owners.set(record.session, { open: record, client: undefined, unwritten: false });
    } else if (record.kind === 'client') {
      const owner = this.owners.get(record.session);
      if (owner) owner.client = record;
    } else if (record.kind === 'close') {
      this.owners.delete(record.session);
    }
  }

  /** Takes a record that cannot be written now. Called before `follow`, except for `open`. */
  keep(record: JournalRecord): void {
    switch (record.kind) {
      case 'open': {
        this.keepOpen(record);
        return;
      }
      case 'client':
        if (!this.owners.get(record.session)?.unwritten) this.sessionRecords.push(this.encode(record));
        return;
      case 'close': {
        this.keepClose(record);
        return;
      }
      case 'share':
      case 'usage':
      case 'foreign': {
        this.add(record);
        return;
      }
      case 'sums': {
        this.addSums(record);
        return;
      }
      case 'block':
        if (this.blocks >= this.limits.blocks) return;
        this.blocks += 1;
        this.sessionRecords.push(this.encode(record));
        return;
      default:
      // A tick says nothing once it is late.
    }
  }

  /** All that waits, as lines in the order in which they have to be read. Afterwards nothing waits. */
  take(): string[] {
    const lines = this.sessionRecords;
    for (const owner of this.owners.values()) {
      if (!owner.unwritten) continue;
      owner.unwritten = false;
      lines.push(this.encode(owner.open));
      if (owner.client) lines.push(this.encode(owner.client));
    }
    for (const { of, numbers } of this.sums.values()) {
      const texts = Object.fromEntries([...numbers].map(([name, value]) => [name, value.toString()]));
      lines.push(this.encode({ kind: 'sums', ...of, numbers: texts, at: of.hour }));
    }
    this.sessionRecords = [];
    this.opens = 0;
    this.blocks = 0;
    this.sums = new Map();
    return lines;
  }

  private keepOpen(record: JournalRecord & { kind: 'open' }): void {
    if (this.opens < this.limits.sessions) {
      this.opens += 1;
      this.sessionRecords.push(this.encode(record));
      return;
    }
    const owner = this.owners.get(record.session);
    if (owner) owner.unwritten = true;
  }

  private keepClose(record: JournalRecord & { kind: 'close' }): void {
    const unwritten = this.owners.get(record.session)?.unwritten === true;
    if (!unwritten) this.sessionRecords.push(this.encode(record));
    else this.add(record, [['sessions', 1n]]);
  }

  private add(record: AddedFact & { at: number }, more: readonly NamedNumber[] = []): void {
    const sum = this.sumFor(record, startOfHour(record.at));
    for (const [name, value] of [...numbersOf(record), ...more]) {
      sum.numbers.set(name, (sum.numbers.get(name) ?? 0n) + value);
    }
  }

  /** Sums that were added up elsewhere, whose session is not told. */
  private addSums({ session, client_id, pool, worker, dialect, hour, numbers }: SumsFact): void {
    const fine = { session, client_id, pool, worker, dialect, hour };
    const of = this.sums.size < this.limits.sums ? fine : { ...fine, session: null, worker: null };
    const sum = this.sums.get(keyOf(of)) ?? this.newSum(of);
    for (const [name, text] of Object.entries(numbers)) {
      sum.numbers.set(name, (sum.numbers.get(name) ?? 0n) + BigInt(text));
    }
  }

  private sumFor(record: AddedFact, hour: number): Sum {
    const owner = this.owners.get(record.session);
    const pool = owner?.open.kind === 'open' ? owner.open.pool : '';
    const ownClient = owner?.client?.kind === 'client' ? owner.client.client_id : UNASSIGNED;
    const guest = record.kind === 'share' || record.kind === 'foreign' ? record.client_id : undefined;
    const clientId = guest ?? ownClient;
    const worker = record.worker ?? null;
    const dialect = record.kind === 'foreign' ? 'none' : record.dialect;
    // What is another client's than the session's is found by that client.
    const session = guest === undefined ? record.session : null;
    const fine = { session, client_id: clientId, pool, worker, dialect, hour };
    const coarse = { ...fine, session: null, worker: null };
    const coarsest = { ...coarse, client_id: OVERFLOW };
    const candidates = owner?.unwritten ? [coarse] : [fine, coarse];
    for (const [index, of] of candidates.entries()) {
      const found = this.sums.get(keyOf(of));
      if (found) return found;
      // Each step down has as much room again, so that whoever fills the first cannot crowd out the next.
      const steps = index + (owner?.unwritten ? 1 : 0) + 1;
      if (this.sums.size < this.limits.sums * steps) return this.newSum(of);
    }
    return this.sums.get(keyOf(coarsest)) ?? this.newSum(coarsest);
  }

  private newSum(of: Sum['of']): Sum {
    const sum: Sum = { of, numbers: new Map() };
    this.sums.set(keyOf(of), sum);
    return sum;
  }
}

function keyOf(of: Sum['of']): string {
  // A session has one client and one pool, but it may learn its client while it waits.
  return of.session === null
    ? JSON.stringify([of.client_id, of.pool, of.dialect, of.hour, of.worker])
    : JSON.stringify([of.session, of.worker, of.dialect, of.hour, 0]);
}
