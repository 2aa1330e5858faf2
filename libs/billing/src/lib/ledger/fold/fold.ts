import { UNASSIGNED } from '../../identity/client-directory';
import { numbersOf } from '../../journal/records/fact-numbers';
import type {
  BlockFact,
  BriefRecord,
  BriefShare,
  BriefUsage,
  ClientFact,
  CloseFact,
  OpenFact,
  ReadRecord,
  SumsFact,
  UsualShare,
} from '../../journal/records/record';
import { byHour, endOfHour, startOfHour } from '../database/calendar';
import type { EarlierConnection, SessionState, Stretch } from './session-state';
import { UsageBook, type UsageEntry, type UsageKey } from './usage-book';
import { addNumbers } from './usage-numbers';

/** A session whose rows without a client are another's from now on. */
export interface Settlement {
  readonly sessionId: string;
  readonly clientId: string;
  /** Instead of no worker. */
  readonly worker: string;
  readonly dialect: string;
}

/** How far the wall clock and the time that a session has lasted may be apart before a stretch ends. */
const TOLERANCE_MS = 1_000;
const HOUR_MS = 3_600_000;

interface ShareRow {
  readonly clientId: string | undefined;
  readonly worker: string;
  readonly dialect: string;
  readonly hour: number;
  readonly entry: UsageEntry;
}

/**
 * Turns records into what the ledger has to add, pure: it knows the sessions that it is given and no database.
 * The same records in the same order give the same sums however they are cut into folds.
 */
export class Fold {
  readonly book = new UsageBook();
  readonly settlements: Settlement[] = [];
  readonly earlierConnections: EarlierConnection[] = [];
  /** Shares that are blocks, with their time. */
  readonly blocks: (BlockFact & { readonly at: number })[] = [];
  /** The sessions that have changed. */
  readonly touched = new Set<SessionState>();
  /** Those that have moved bytes and time; most of them have not changed otherwise. */
  readonly moved = new Set<SessionState>();
  foldedThrough = 0;
  badRecords = 0;
  /** Records of sessions that nobody opened: their `open` was damaged. Booked as `unassigned`. */
  orphans = 0;
  stopped: boolean | undefined;

  /** Where each session's last share went: the next one nearly always goes there, and is most of a fold. */
  private readonly shareRows = new Map<SessionState, ShareRow>();

  /** `sessions`: those of this journal that the records name, and all open ones where a header is among them. */
  constructor(
    private readonly sessions: Map<string, SessionState>,
    private run: number,
  ) {}

  get currentRun(): number {
    return this.run;
  }

  add(line: ReadRecord | undefined): void {
    if (line === undefined) {
      this.badRecords += 1;
      return;
    }
    this.foldedThrough = Math.max(this.foldedThrough, line.at);
    this.stopped = line.kind === 'stop';
    if (line.kind === 'usual') {
      this.usual(line);
      return;
    }
    if (line.kind !== 'segment') {
      this.record(line);
      return;
    }
    if (line.run !== this.run) this.endRun(line.run);
  }

  private record(record: BriefRecord): void {
    switch (record.kind) {
      case 'open': {
        this.opened(record);
        return;
      }
      case 'client': {
        this.identified(record);
        return;
      }
      case 'share': {
        this.share(record);
        return;
      }
      case 'foreign': {
        const session = this.session(record.session, record.at);
        const own = keyFor(session, record.at, record.worker);
        this.book.add(guestKey(own, record.client_id), numbersOf(record));
        return;
      }
      case 'usage': {
        this.progressed(record);
        return;
      }
      case 'close': {
        this.closed(record);
        return;
      }
      case 'sums': {
        this.summed(record);
        return;
      }
      case 'block': {
        this.blocks.push(record);
        return;
      }
      case 'tick':
      case 'stop':
    }
  }

  private opened(record: OpenFact & { at: number }): void {
    if (this.sessions.has(record.session)) return;
    this.newSession(record.session, record.at, record);
  }

  private identified(record: ClientFact & { at: number }): void {
    const session = this.session(record.session, record.at);
    if (session.client_id !== null) return;
    session.worker ??= record.worker;
    session.dialect = record.dialect;
    this.settle(session, record.client_id);
    if (session.worker !== null) this.countOnce(session);
  }

  private share(record: BriefShare & { at: number }): void {
    const session = this.known(record.session, record.at);
    const row = this.shareRow(session, record.client_id, record.worker, record.dialect, record.at);
    addNumbers(row.entry.numbers, numbersOf(record));
  }

  /** As `share`, for what most records of a fold are. */
  private usual({ session: id, worker, units, hashes, at }: UsualShare): void {
    const session = this.known(id, at);
    this.shareRow(session, undefined, worker, undefined, at).entry.accepted(units, hashes);
  }

  /** Worker and dialect are the session's own where a share has none: its records have said them before. */
  private shareRow(
    session: SessionState,
    clientId: string | undefined,
    named: string | null | undefined,
    spoken: string | undefined,
    at: number,
  ): ShareRow {
    const worker = named ?? session.worker ?? '';
    const dialect = spoken ?? session.dialect;
    let row = this.shareRows.get(session);
    const isIt = row?.worker === worker && row.clientId === clientId && row.dialect === dialect;
    if (row && isIt && at >= row.hour && at < row.hour + HOUR_MS) return row;
    const hour = startOfHour(at);
    const key = guestKey(keyFor(session, hour, worker, dialect), clientId);
    row = { clientId, worker, dialect, hour, entry: this.book.entry(key) };
    this.shareRows.set(session, row);
    return row;
  }

  private progressed(record: (BriefUsage | CloseFact) & { at: number }): void {
    const session = this.known(record.session, record.at);
    session.last_at = Math.max(session.last_at, record.at);
    this.moved.add(session);
    const worker = session.worker ?? record.worker ?? null;
    const dialect = record.dialect ?? session.dialect;
    if (worker !== session.worker || dialect !== session.dialect || !session.counted) {
      this.touched.add(session);
      session.worker = worker;
      session.dialect = dialect;
      this.countOnce(session);
    }
    const numbers = numbersOf(record);
    for (const [name, value] of numbers) addToSession(session, name, value);
    // Time is cut at the hours' edges, bytes are not.
    const moved = numbers.filter(([name]) => name !== 'session_ms');
    this.book.add(keyFor(session, record.at), moved);
    for (const [hour, ms] of byHour(record.at, record.ms)) {
      this.book.add(keyFor(session, hour), [['session_ms', BigInt(ms)]]);
    }
    this.connected(session, { from: record.at - record.ms, to: record.at });
  }

  private closed(record: CloseFact & { at: number }): void {
    this.progressed(record);
    const session = this.session(record.session, record.at);
    session.proof = record.proof === undefined ? null : JSON.stringify(record.proof);
    session.sent_to = record.sent_to ?? null;
    this.end(session, record.at, record.side, record.code);
  }

  private summed(record: SumsFact & { at: number }): void {
    const numbers = Object.entries(record.numbers).map(([name, text]) => [name, BigInt(text)] as const);
    if (record.session === null) {
      const { client_id, pool, dialect, hour } = record;
      this.book.add({ session_id: '', client_id, worker: record.worker ?? '', pool, hour, dialect }, numbers);
      return;
    }
    const session = this.session(record.session, record.at);
    for (const [name, value] of numbers) addToSession(session, name, value);
    this.countOnce(session);
    this.book.add(keyFor(session, record.hour, record.worker, record.dialect), numbers);
    // Sums say how long in an hour and not when: time goes on where it was known last.
    const known = session.connected?.to ?? session.opened_at;
    const from = Math.min(Math.max(known, record.hour), endOfHour(record.hour));
    const to = Math.min(from + Number(record.numbers.session_ms ?? 0), endOfHour(record.hour));
    this.connected(session, { from, to });
  }

  private connected(session: SessionState, { from, to }: Stretch): void {
    if (from >= to) return;
    const last = session.connected;
    if (last && Math.abs(from - last.to) <= TOLERANCE_MS) {
      session.connected = { from: last.from, to: Math.max(last.to, to) };
      return;
    }
    if (last) this.earlierConnections.push({ sessionId: session.session_id, ...last });
    session.connected = { from, to };
  }

  /** The process died: what it had open ended with it. */
  private endRun(run: number): void {
    for (const session of this.sessions.values()) {
      if (session.closed_at === null) this.end(session, session.last_at, 'relay', 'CRASH');
    }
    this.run = run;
  }

  private end(session: SessionState, at: number, side: string, code: string): void {
    if (session.closed_at !== null) return;
    this.touched.add(session);
    this.countOnce(session);
    session.closed_at = at;
    session.side = side;
    session.code = code;
    if (session.client_id === null) this.settle(session, UNASSIGNED);
  }

  private settle(session: SessionState, clientId: string): void {
    const { session_id: sessionId, worker, dialect } = session;
    session.client_id = clientId;
    this.shareRows.delete(session);
    const settlement = { sessionId, clientId, worker: worker ?? '', dialect };
    this.settlements.push(settlement);
    for (const { key, numbers } of this.book.takeSession(sessionId)) {
      this.book.add(settledKey(key, settlement), numbers);
    }
  }

  /** A session counts in the hour in which it was opened, once its first worker is known or it has lasted a while. */
  private countOnce(session: SessionState): void {
    if (session.counted) return;
    session.counted = true;
    this.book.add(keyFor(session, session.opened_at), [['sessions', 1n]]);
  }

  /** The session of a record that changes it. */
  private session(id: string, at: number): SessionState {
    const session = this.known(id, at);
    session.last_at = Math.max(session.last_at, at);
    this.touched.add(session);
    return session;
  }

  /** The session of a share, which changes nothing of it: a session has very many. */
  private known(id: string, at: number): SessionState {
    let session = this.sessions.get(id);
    if (!session) {
      this.orphans += 1;
      session = this.newSession(id, at);
    }
    return session;
  }

  private newSession(
    id: string,
    at: number,
    { listener, pool, source }: Partial<OpenFact> = {},
  ): SessionState {
    const session: SessionState = {
      session_id: id,
      run: this.run,
      listener: listener ?? '',
      pool: pool ?? '',
      source: source ?? '',
      opened_at: at,
      client_id: null,
      worker: null,
      dialect: 'none',
      last_at: at,
      closed_at: null,
      side: null,
      proof: null,
      sent_to: null,
      code: null,
      bytes_sent: 0n,
      bytes_received: 0n,
      session_ms: 0n,
      connected: null,
      counted: false,
    };
    this.sessions.set(id, session);
    this.touched.add(session);
    return session;
  }
}

/** Where rows of a session without a client go once it has one. */
export function settledKey(key: UsageKey, { clientId, worker, dialect }: Settlement): UsageKey {
  return {
    ...key,
    session_id: '',
    client_id: clientId,
    worker: key.worker === '' ? worker : key.worker,
    dialect: key.dialect === 'none' ? dialect : key.dialect,
  };
}

function keyFor(session: SessionState, at: number, worker?: string | null, dialect?: string): UsageKey {
  const known = session.client_id !== null;
  return {
    session_id: known ? '' : session.session_id,
    client_id: session.client_id ?? UNASSIGNED,
    worker: worker ?? session.worker ?? '',
    pool: session.pool,
    hour: startOfHour(at),
    dialect: dialect ?? session.dialect,
  };
}

/** The row of another client than the session's, which need not wait for that one. */
function guestKey(key: UsageKey, clientId: string | undefined): UsageKey {
  return clientId === undefined ? key : { ...key, session_id: '', client_id: clientId };
}

function addToSession(session: SessionState, name: string, value: bigint): void {
  if (name === 'bytes_sent' || name === 'bytes_received' || name === 'session_ms') session[name] += value;
}
