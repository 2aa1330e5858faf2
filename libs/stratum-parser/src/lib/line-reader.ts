import type { Buffer } from 'node:buffer';
import type { Conversation } from './conversation';
import type { DialectChoice } from './dialect';
import type { Direction, MalformedReason } from './events';
import type { LineSink } from './framing';
import { lineEnd, lineStart } from './line';
import type { Message } from './message';
import { readMessage } from './message';
import { CheapLook } from './peek';
import { spellsText } from './peek-bytes';
import { RecentTexts } from './recent-texts';

/** Shared by all sessions: a look is over before the next one starts. */
const LOOK = new CheapLook();
const JOBS = new RecentTexts();

/** The lines of one direction, handed to the reader of both. */
export class DirectionLines implements LineSink {
  constructor(
    private readonly reader: LineReader,
    private readonly direction: Direction,
  ) {}

  line(bytes: Buffer, start: number, end: number): void {
    this.reader.line(this.direction, bytes, start, end);
  }

  oversize(): void {
    this.reader.oversize(this.direction);
  }
}

/** Reads lines as messages of the session's dialect: from their bytes where that is certain, else by parsing. */
export class LineReader {
  constructor(
    private readonly conversation: Conversation,
    private readonly choice: DialectChoice,
  ) {}

  oversize(direction: Direction): void {
    this.conversation.tell({ kind: 'oversize', direction });
  }

  /** One line without its LF. */
  line(direction: Direction, bytes: Buffer, start: number, end: number): void {
    const from = lineStart(bytes, start, end);
    const to = lineEnd(bytes, from, end);
    if (from === to) return;
    if (!this.cheaply(direction, bytes, from, to)) this.parse(direction, bytes, from, to);
  }

  /** Takes what is certain from its bytes alone; false when the line has to be parsed. */
  private cheaply(direction: Direction, bytes: Buffer, from: number, to: number): boolean {
    const { choice, conversation } = this;
    if (choice.dialect === null) return false;
    const peeked = LOOK.look(bytes, from, to);
    if (peeked === 'nothing') return false;
    if (direction === 'to_upstream') {
      if (peeked !== 'submit' || !choice.rules.cheap.submit) return false;
      const { id, firstStart, firstEnd, secondStart, secondEnd } = LOOK;
      const worker = plainText(bytes, firstStart, firstEnd, conversation.lastWorker);
      conversation.submit(id, worker, plainText(bytes, secondStart, secondEnd, conversation.lastJob));
      return true;
    }
    if (peeked === 'granted') {
      conversation.grant(LOOK.id);
      return true;
    }
    if (peeked !== 'notify' || !choice.settled || !choice.rules.cheap.notify) return false;
    const { id, firstStart, firstEnd } = LOOK;
    conversation.notify(id, firstStart === firstEnd ? null : JOBS.decode(bytes, firstStart, firstEnd));
    return true;
  }

  private parse(direction: Direction, bytes: Buffer, from: number, to: number): void {
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8', from, to));
    } catch {
      this.malformed(direction, 'not_json');
      return;
    }
    if (!Array.isArray(value) || value.length === 0) this.value(direction, value);
    else for (const part of value) this.value(direction, part);
  }

  private value(direction: Direction, value: unknown): void {
    const message = readMessage(value);
    if (typeof message === 'string') this.malformed(direction, message);
    else this.message(direction, message);
  }

  private message(direction: Direction, message: Message): void {
    const { choice, conversation } = this;
    if (!choice.settled && choice.weigh(direction, message)) {
      this.conversation.tell({ kind: 'dialect', dialect: choice.rules.name });
    }
    if (message.type === 'request') {
      if (direction === 'to_upstream') choice.rules.request(message, conversation);
      else choice.rules.announcement(message, conversation);
    } else if (direction === 'to_downstream') {
      choice.rules.answer(message, conversation);
    } else {
      // PROTOCOL.md section 4: the miner answers the pool's ping or client.get_version.
      const kind = message.fields.result === 'pong' ? 'pong' : 'client_response';
      this.conversation.tell({ kind, id: message.id });
    }
  }

  private malformed(direction: Direction, reason: MalformedReason): void {
    this.conversation.tell({ kind: 'malformed', direction, reason });
  }
}

/** The text of `bytes[start..end)`; `likely` itself where it is the same, so that nothing is decoded. */
function plainText(bytes: Buffer, start: number, end: number, likely: string | undefined): string | null {
  if (start === end) return null;
  if (likely?.length === end - start && spellsText(bytes, start, likely)) return likely;
  return bytes.toString('utf8', start, end);
}
