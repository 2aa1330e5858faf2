import { NO_SUM, sumBytes } from './checksum';
import { cleanText } from './clean-text';
import { encodeRecord, sealed } from './record-codec';
import type {
  ClientFact,
  CloseFact,
  JournalRecord,
  OpenFact,
  ShareFact,
  SpelledShare,
  UsageFact,
} from './record';
import { numberBehind, splitId } from './session-names';
import { toldHashes } from './share-work';
import type { TurnLines } from './turn-lines';

/** What the records of an open session have said, as whoever reads them knows it. */
interface Said {
  /** What names the session in a record: its number, or its id where that is none of the run's usual ones. */
  readonly name: string;
  readonly number: number | undefined;
  worker: string | null;
  dialect: string;
  hasClient: boolean;
  /** Whether shares may leave out both: no single record that is damaged may take them from a share. */
  sure: boolean;
  /** The segment in which a `usage` has last said both. */
  segment: number;
  /** Another one whenever shares have to say something else: what was spelled before is of no use then. */
  version: number;
}

const LONGEST_PLAIN = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Of a session that is not open: its version is nobody's, so that each of its shares is spelled anew. */
const NOTHING_SAID = { version: 0 };

/**
 * Spells records as lines, in the order in which they are written: what those of a session have said is left out of the
 * later ones.
 *
 * A session's id is said by `open`, and is a number from then on. Worker and dialect are said by `client`, by the first
 * `usage` in each segment, and by `close`. Where they come with a `usage` only, shares name them until a second one has
 * said the same; what a damaged `client` takes from shares is found in the next `usage`, because they wait for a client.
 */
export class RecordEncoder {
  private readonly sessions = new Map<string, Said>();
  /** What stands before the number of a session in its id; undefined before the first one. */
  private prefix: string | undefined;

  /** `segment`: the number of the one that is written to. */
  constructor(private readonly segment: () => number) {}

  /** What the header of a segment has to say of the ids of sessions. */
  get sessionPrefix(): string | undefined {
    return this.prefix;
  }

  /** A record as a line. Names in it are clean. */
  record(record: JournalRecord): string {
    switch (record.kind) {
      case 'open':
        return this.opened(record);
      case 'client': {
        const said = this.sessions.get(record.session);
        if (said && !said.hasClient) {
          said.worker ??= record.worker;
          said.dialect = record.dialect;
          said.hasClient = true;
          said.sure = isKnown(said);
          said.version += 1;
        }
        return clientLine(record, said?.name ?? wholeName(record.session));
      }
      case 'usage':
        return this.usage(record);
      case 'close':
        return this.closed(record);
      case 'share':
        return sealed(`${shareHead(record, this.sessions.get(record.session))}${record.at}`);
      default:
        return this.brief(record);
    }
  }

  /**
   * Adds the line of a share: nearly all records are shares, and most of a session's are the same fact once more and differ in
   * their time alone.
   */
  share(share: ShareFact, at: number, lines: TurnLines): void {
    let { spelled } = share;
    const isCurrent = spelled?.by === this && spelled.said.version === spelled.version;
    if (spelled === undefined || !isCurrent) spelled = share.spelled = this.spell(share);
    lines.addTimed(spelled.head, spelled.headSum, at);
  }

  private spell(share: ShareFact): SpelledShare {
    const said = this.sessions.get(share.session);
    const head = Uint8Array.from(Buffer.from(shareHead(share, said)));
    const headSum = sumBytes(NO_SUM, head, 0, head.length);
    return { by: this, head, headSum, said: said ?? NOTHING_SAID, version: said?.version ?? -1 };
  }

  private opened(record: OpenFact & { at: number }): string {
    const { session: id } = record;
    this.prefix ??= splitId(id)?.prefix;
    const number = this.prefix === undefined ? undefined : numberBehind(this.prefix, id);
    this.sessions.set(id, {
      name: number === undefined ? wholeName(id) : `"s":${number}`,
      number,
      worker: null,
      dialect: 'none',
      hasClient: false,
      sure: false,
      segment: 0,
      version: 0,
    });
    if (number === undefined) return encodeRecord(record);
    const { listener, pool, source, at } = record;
    const where = `"listener":${text(listener)},"pool":${text(pool)},"source":${text(source)}`;
    return sealed(`{"kind":"open","session":${text(id)},"s":${number},${where},"at":${at}`);
  }

  private usage(record: UsageFact & { at: number }): string {
    const said = this.sessions.get(record.session);
    if (!said) return encodeRecord(record);
    const segment = this.segment();
    if (record.worker !== said.worker || record.dialect !== said.dialect) {
      if (said.worker === null || record.dialect !== said.dialect) said.sure = false;
      said.worker ??= record.worker;
      said.dialect = record.dialect;
      said.segment = 0;
      said.version += 1;
      return usageLine(record, said, true);
    }
    if (said.segment === segment) return usageLine(record, said, false);
    said.segment = segment;
    if (!said.sure && said.hasClient && isKnown(said)) {
      said.sure = true;
      said.version += 1;
    }
    return usageLine(record, said, true);
  }

  private closed(record: CloseFact & { at: number }): string {
    const said = this.sessions.get(record.session);
    this.sessions.delete(record.session);
    if (!said) return encodeRecord(record);
    said.version += 1;
    const { worker, dialect, side, code, proof, sent_to, at } = record;
    const by = `"worker":${text(worker)},"dialect":${text(dialect)},${moved(record)}`;
    const proven = proof === undefined ? '' : `,"proof":${JSON.stringify(proof)}`;
    const sent = sent_to === undefined ? '' : `,"sent_to":${text(sent_to)}`;
    const end = `"side":${text(side)},"code":${text(code)}${proven}${sent}`;
    return sealed(`{"kind":"close",${said.name},${by},${end},"at":${at}`);
  }

  /** A record of a kind that is rare, with its session by its number. */
  private brief(record: JournalRecord): string {
    const said = 'session' in record && record.session !== null && this.sessions.get(record.session);
    if (!said || said.number === undefined) return encodeRecord(record);
    const { kind, ...rest } = record;
    return sealed(JSON.stringify({ kind, s: said.number, ...rest, session: undefined }).slice(0, -1));
  }
}

// Spelled member by member: objects of so many shapes are copied slowly, and each miner that comes has five such records.

function clientLine({ client_id, worker, dialect, at }: ClientFact & { at: number }, name: string): string {
  const whose = `"client_id":${text(client_id)},"worker":${text(worker)},"dialect":${text(dialect)}`;
  return sealed(`{"kind":"client",${name},${whose},"at":${at}`);
}

/** `saysAll`: it names the worker and the dialect. */
function usageLine(record: UsageFact & { at: number }, { name }: Said, saysAll: boolean): string {
  const by = saysAll ? `"worker":${text(record.worker)},"dialect":${text(record.dialect)},` : '';
  return sealed(`{"kind":"usage",${name},${by}${moved(record)},"at":${record.at}`);
}

function moved({ bytes_sent, bytes_received, ms }: UsageFact | CloseFact): string {
  return `"bytes_sent":${bytes_sent},"bytes_received":${bytes_received},"ms":${ms}`;
}

/** What names a session that has no number. */
function wholeName(id: string): string {
  return `"session":${text(id)}`;
}

/** A text, or null, as JSON has it. */
function text(value: string | null): string {
  return value !== null && isPlain(value) ? `"${value}"` : JSON.stringify(value);
}

/** Whether JSON has a short text as it is: nearly all names are so, and to ask is quicker than to have it spelled. */
function isPlain(value: string): boolean {
  if (value.length > LONGEST_PLAIN) return false;
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
}

/** Whether there is something that a share could leave out. */
function isKnown({ worker, dialect }: Said): boolean {
  return worker !== null && dialect !== 'none';
}

/** The line of a share up to its time. Only names can hold what has to be escaped. */
function shareHead(share: ShareFact, said: Said | undefined): string {
  const { client_id, worker, dialect, outcome, reason, difficulty, hashes } = share;
  const name = said?.name ?? wholeName(share.session);
  const why = reason === undefined ? '' : `,"reason":"${reason}"`;
  const whose = client_id === undefined ? '' : `,"client_id":${JSON.stringify(client_id)}`;
  const isOwn = said?.sure === true && client_id === undefined;
  const machine = text(worker === null ? null : cleanText(worker));
  const by = isOwn && worker === said.worker ? '' : `,"worker":${machine}`;
  const speech = isOwn && dialect === said.dialect ? '' : `,"dialect":${JSON.stringify(dialect)}`;
  const work = hashes === toldHashes(difficulty) ? '' : `,"hashes":${quoted(hashes)}`;
  return `{"share":"${outcome}",${name}${why}${whose}${by}${speech},"d":${quoted(difficulty)}${work},"at":`;
}

/** Digits, or null. */
function quoted(digits: string | null): string {
  return digits === null ? 'null' : `"${digits}"`;
}
