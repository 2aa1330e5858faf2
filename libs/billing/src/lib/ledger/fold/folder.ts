import type { Transaction } from 'kysely';
import { noteChangedHours } from '../../export/changed-hours';
import type { JournalReader } from '../../journal/journal-reader';
import type { ReadRecord } from '../../journal/records/record';
import { comparePositions, type Position, segmentPath } from '../../journal/segments/segment-files';
import { addBlocks } from './block-rows';
import { Booking } from './booking';
import type { LedgerDatabase } from '../database/database';
import { Fold } from './fold';
import type { SessionState } from './session-state';
import { lockedTransaction, takeFoldLock } from '../database/fold-lock';
import type { LedgerTables } from '../database/schema';
import {
  addEarlierConnections,
  loadOpenSessions,
  loadSessions,
  saveProgress,
  saveSessions,
} from './session-rows';

const BATCH_RECORDS = 20_000;
/** Sessions that are kept in memory from one batch to the next. */
const MAX_SESSIONS = 50_000;

/**
 * The ledger and the journal do not belong together as they are; folding on would lose or repeat usage. Only a
 * person can say what happened.
 */
export class FoldRefusedError extends Error {
  readonly code = 'FOLD_REFUSED';
}

export interface FolderOptions {
  readonly journalId: string;
  /** A label for people, kept beside the journal. */
  readonly instance: string;
  readonly batchRecords?: number;
}

/** How far the journal is folded. */
export interface FoldPosition {
  readonly position: Position;
  readonly foldedThrough: number;
  readonly badRecords: number;
  /** Sessions whose beginning was damaged: booked to nobody. */
  readonly orphans: number;
}

interface Place extends FoldPosition {
  readonly mark: string;
  readonly run: number;
  /** When the first segment was made that is folded here. */
  readonly createdAt: number;
}

/**
 * Folds one journal into the ledger: each batch and the position behind it in one transaction, so that whatever
 * dies in between, every record is in the ledger once.
 */
export class Folder {
  private place: Place | undefined;
  /** Open sessions as the last commit has left them, so that they need not be read again: nobody else changes them. */
  private sessions = new Map<string, SessionState>();

  constructor(
    private readonly database: LedgerDatabase,
    private readonly reader: JournalReader,
    private readonly options: FolderOptions,
  ) {}

  /** Where the last commit has come to; undefined before `resume`. */
  get folded(): FoldPosition | undefined {
    return this.place;
  }

  /**
   * Finds the place to go on from, in the ledger itself. Needed at the start and after any failure, since a
   * commit whose answer was lost may have happened. Throws `FoldRefusedError`.
   */
  async resume(): Promise<void> {
    this.place = undefined;
    this.sessions.clear();
    const row = await this.database.tables
      .selectFrom('journals')
      .selectAll()
      .where('journal_id', '=', this.options.journalId)
      .executeTakeFirst();
    const segment = Number(row?.segment ?? 1n);
    const place: Place = {
      position: { segment, offset: Number(row?.byte_offset ?? 0n) },
      createdAt: Number(row?.created_at ?? this.reader.header(segment)?.at ?? 0),
      mark: row?.mark ?? '',
      run: Number(row?.run ?? 0n),
      foldedThrough: Number(row?.folded_through ?? 0n),
      badRecords: Number(row?.bad_records ?? 0n),
      orphans: Number(row?.orphans ?? 0n),
    };
    this.check(place);
    this.place = place;
  }

  /** Folds the next batch before `until`; returns whether there may be more. Throws, and then nothing was folded. */
  async foldBatch(until: Position): Promise<boolean> {
    const place = this.place;
    if (!place) throw new Error('resume comes first');
    const limit = this.options.batchRecords ?? BATCH_RECORDS;
    const { records, end } = this.reader.read(place.position, until, limit);
    if (!end) return false;
    this.refuseGap(place.position, end);
    try {
      this.place = await lockedTransaction(this.database.tables).execute((step) =>
        this.foldInto(step, place, records, end),
      );
    } catch (error) {
      this.place = undefined;
      this.sessions.clear();
      throw error;
    }
    this.forgetSessions();
    return comparePositions(end, until) < 0;
  }

  private async foldInto(
    step: Transaction<LedgerTables>,
    place: Place,
    records: readonly (ReadRecord | undefined)[],
    end: Position,
  ): Promise<Place> {
    const { journalId } = this.options;
    const { kind } = this.database;
    const closedMonths = await takeFoldLock(step, kind, 'fold');
    await this.claim(step, place);
    const { sessions } = this;
    const unknown = new Set<string>();
    for (const record of records) {
      if (!record || !('session' in record) || record.session === null) continue;
      if (!sessions.has(record.session)) unknown.add(record.session);
    }
    const newRun = records.some((record) => record?.kind === 'segment' && record.run !== place.run);
    const loaded = await loadSessions(step, kind, journalId, [...unknown]);
    for (const [id, session] of loaded) sessions.set(id, session);
    if (newRun)
      for (const [id, session] of await loadOpenSessions(step, journalId)) sessions.set(id, session);
    const fold = new Fold(sessions, place.run);
    let { mark } = place;
    for (const record of records) {
      fold.add(record);
      if (record?.kind === 'segment') mark = record.mark;
    }
    await saveSessions(step, kind, journalId, fold.touched);
    const onlyMoved = [...fold.moved].filter((session) => !fold.touched.has(session));
    await saveProgress(step, kind, journalId, onlyMoved);
    await addEarlierConnections(step, journalId, fold.earlierConnections);
    await addBlocks(step, journalId, fold.blocks);
    await new Booking(step, kind, journalId, closedMonths).book(fold.book, fold.settlements);
    const next: Place = {
      ...place,
      position: end,
      mark,
      run: fold.currentRun,
      foldedThrough: Math.max(place.foldedThrough, fold.foldedThrough),
      badRecords: place.badRecords + fold.badRecords,
      orphans: place.orphans + fold.orphans,
    };
    await noteChangedHours(step, journalId, fold.book, next.foldedThrough);
    await this.advance(step, next, fold);
    return next;
  }

  private forgetSessions(): void {
    const { sessions } = this;
    if (sessions.size > MAX_SESSIONS) sessions.clear();
    for (const [id, { closed_at: closedAt }] of sessions) if (closedAt !== null) sessions.delete(id);
  }

  /** Makes sure that nobody else has moved the position since it was read, and that nobody does until the end. */
  private async claim(step: Transaction<LedgerTables>, place: Place): Promise<void> {
    const { journalId, instance } = this.options;
    await step
      .insertInto('journals')
      .values({
        journal_id: journalId,
        instance,
        created_at: BigInt(place.createdAt),
        segment: BigInt(place.position.segment),
        byte_offset: BigInt(place.position.offset),
        mark: place.mark,
        run: BigInt(place.run),
        folded_through: 0n,
        stopped: 0n,
        bad_records: 0n,
        orphans: 0n,
        written_off: 0n,
      })
      .onConflict((conflict) => conflict.column('journal_id').doNothing())
      .execute();
    const claimed = await step
      .updateTable('journals')
      .set({ instance })
      .where('journal_id', '=', journalId)
      .where('segment', '=', BigInt(place.position.segment))
      .where('byte_offset', '=', BigInt(place.position.offset))
      .where('mark', '=', place.mark)
      .executeTakeFirst();
    if (claimed.numUpdatedRows !== 1n) {
      throw new FoldRefusedError(
        `journal ${journalId} is being folded by another process: two data directories are copies of each other`,
      );
    }
  }

  private async advance(step: Transaction<LedgerTables>, place: Place, fold: Fold): Promise<void> {
    await step
      .updateTable('journals')
      .set({
        segment: BigInt(place.position.segment),
        byte_offset: BigInt(place.position.offset),
        mark: place.mark,
        run: BigInt(place.run),
        folded_through: BigInt(place.foldedThrough),
        stopped: fold.stopped ? 1n : 0n,
        bad_records: BigInt(place.badRecords),
        orphans: BigInt(place.orphans),
        written_off: 0n,
      })
      .where('journal_id', '=', this.options.journalId)
      .execute();
  }

  /** Segments are numbered without gaps: one that is not there took what it had with it. */
  private refuseGap(from: Position, to: Position): void {
    if (from.segment === to.segment) return;
    const there = new Set(this.reader.segments().map(({ segment }) => segment));
    for (let segment = from.segment; segment < to.segment; segment += 1) {
      if (there.has(segment)) continue;
      const path = segmentPath(this.reader.directory, segment);
      throw new FoldRefusedError(
        `segment ${segment} of journal ${this.options.journalId} is gone, and was not folded: put ${path} back, or ` +
          `an empty file of this name to go on without what was in it`,
      );
    }
  }

  private check({ position, mark }: Place): void {
    const { journalId } = this.options;
    const end = this.reader.end();
    if (!end) return;
    if (comparePositions(position, end) > 0) {
      throw new FoldRefusedError(
        `the ledger has journal ${journalId} up to segment ${position.segment}, byte ${position.offset}, but the ` +
          `journal ends at segment ${end.segment}, byte ${end.offset}: the data directory is an older copy`,
      );
    }
    const segments = this.reader.segments().map(({ segment }) => segment);
    if (!segments.includes(position.segment)) {
      throw new FoldRefusedError(
        `the ledger has journal ${journalId} up to segment ${position.segment}, but that one is gone and the ` +
          `oldest that is kept is ${segments[0]}: the ledger is an older copy`,
      );
    }
    const header = this.reader.header(position.segment);
    if (mark !== '' && header && header.mark !== mark) {
      throw new FoldRefusedError(
        `segment ${position.segment} of journal ${journalId} is not the one that the ledger knows by this number: ` +
          `the data directory is an older copy that was written on`,
      );
    }
  }
}
