import type { Buffer } from 'node:buffer';
import { AnswerTemplates } from './answer-templates';
import type { Conversation } from './conversation';
import type { DialectChoice, DialectRules } from './dialect';
import type { Direction, MalformedReason } from './events';
import type { FrameSink, LineSink } from './framing';
import { FRAME_HEAD_BYTES } from './framing';
import { lineEnd, lineStart } from './line';
import { AGENT_DIALECT, DIALECTS, LAST_DIALECT, SHARED_DIALECTS } from './dialects/registry';
import type { Fields, Message, RequestMessage } from './message';
import { readMessage } from './message';
import { CheapLook } from './peek';
import { RecentTexts } from './recent-texts';

/** Shared by all sessions: a look is over before the next one starts. */
const LOOK = new CheapLook();
const JOBS = new RecentTexts();
const ANSWERS = new AnswerTemplates();
const GRANTED: Fields = { result: true, error: null };

/** btcpool's AGENT.md: submits of all sorts; the others register, answer and set. */
const AGENT_SUBMITS = new Set([0x02, 0x03, 0x12, 0x13, 0x14]);
const AGENT_COMMANDS = new Set([...AGENT_SUBMITS, 0x01, 0x04, 0x05, 0x10, 0x22]);

/** The lines of one direction, handed to the reader of both. */
export class DirectionLines implements LineSink, FrameSink {
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

  frame(command: number, length: number): boolean {
    return this.reader.frame(this.direction, command, length);
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

  /** The session is BTC.com's agent's: any command may come now. */
  beginAgent(): void {
    if (this.choice.sawFrames(AGENT_DIALECT)) this.changed();
  }

  /** A binary frame between the lines; false when it is none and the bytes are those of a line. */
  frame(direction: Direction, command: number, length: number): boolean {
    const { choice, conversation } = this;
    if (length < FRAME_HEAD_BYTES) return false;
    if (choice.rules !== AGENT_DIALECT && !AGENT_COMMANDS.has(command)) return false;
    this.beginAgent();
    const submit = AGENT_SUBMITS.has(command);
    conversation.tell({ kind: 'binary_frame', direction, cmd: command, length, submit });
    return true;
  }

  /** One line without its LF. */
  line(direction: Direction, bytes: Buffer, start: number, end: number): void {
    const from = lineStart(bytes, start, end);
    const to = lineEnd(bytes, from, end);
    if (from === to) return;
    if (direction === 'to_downstream') {
      const answer = ANSWERS.find(bytes, from, to);
      if (answer !== undefined) {
        this.message(direction, answer);
        return;
      }
    }
    if (!this.cheaply(direction, bytes, from, to)) this.parse(direction, bytes, from, to);
  }

  /** Takes what is certain from its bytes alone; false when the line has to be parsed. */
  private cheaply(direction: Direction, bytes: Buffer, from: number, to: number): boolean {
    if (this.choice.dialect === null) return false;
    return direction === 'to_upstream'
      ? this.cheapSubmit(bytes, from, to)
      : this.cheapAnswer(bytes, from, to);
  }

  private cheapSubmit(bytes: Buffer, from: number, to: number): boolean {
    const { choice, conversation } = this;
    if (!choice.rules.cheap.submit) return false;
    LOOK.likelyFirst = conversation.lastWorker;
    LOOK.likelySecond = conversation.lastJob;
    if (LOOK.look(bytes, from, to) !== 'submit') return false;
    const { firstStart, firstEnd, secondStart, secondEnd } = LOOK;
    const worker = LOOK.firstIsLikely ? LOOK.likelyFirst : plainText(bytes, firstStart, firstEnd);
    const job = LOOK.secondIsLikely ? LOOK.likelySecond : plainText(bytes, secondStart, secondEnd);
    conversation.submit(LOOK.id, worker ?? null, job ?? null);
    return true;
  }

  private cheapAnswer(bytes: Buffer, from: number, to: number): boolean {
    const { choice, conversation } = this;
    if (!choice.rules.cheap.notify) return false;
    LOOK.likelyFirst = JOBS.latest;
    const peeked = LOOK.look(bytes, from, to);
    if (peeked === 'granted') {
      ANSWERS.learn({ type: 'response', id: LOOK.id, fields: GRANTED }, bytes, from, to);
      conversation.grant(LOOK.id);
      return true;
    }
    if (peeked !== 'notify' || !choice.settled) return false;
    const { firstStart, firstEnd } = LOOK;
    const job = LOOK.firstIsLikely ? LOOK.likelyFirst : JOBS.decode(bytes, firstStart, firstEnd);
    conversation.notify(LOOK.id, job === undefined || job === '' ? null : job);
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
    if (Array.isArray(value) && value.length > 0) {
      for (const part of value) this.value(direction, part);
      return;
    }
    const message = this.value(direction, value);
    if (message?.type === 'response') ANSWERS.learn(message, bytes, from, to);
  }

  private value(direction: Direction, value: unknown): Message | undefined {
    const message = readMessage(value);
    if (typeof message === 'string') {
      this.malformed(direction, message);
      return undefined;
    }
    this.message(direction, message);
    return message;
  }

  private message(direction: Direction, message: Message): void {
    const { choice, conversation } = this;
    if (!choice.settled && choice.weigh(direction, message)) {
      this.changed();
    }
    if (message.type === 'request') {
      if (direction === 'to_upstream') this.request(message);
      else this.announcement(message);
    } else if (direction === 'to_downstream') {
      choice.rules.answer(message, conversation);
    } else {
      // PROTOCOL.md section 4: the miner answers the pool's ping or client.get_version.
      const kind = message.fields.result === 'pong' ? 'pong' : 'client_response';
      this.conversation.tell({ kind, id: message.id });
    }
  }

  /** The session's own dialect is asked first, the last one understands everything. */
  private request(message: RequestMessage): void {
    const { choice, conversation } = this;
    if (choice.rules.request(message, conversation)) return;
    for (const rules of SHARED_DIALECTS) {
      if (rules !== choice.rules && rules.request(message, conversation)) return;
    }
    LAST_DIALECT.request(message, conversation);
  }

  private announcement(message: RequestMessage): void {
    const { choice, conversation } = this;
    if (choice.rules.announcement(message, conversation)) return;
    // Some pools change the algorithm, and the frame with it: the job says what it is worth.
    if (ownerOfJob(message)?.announcement(message, conversation) === true) return;
    for (const rules of SHARED_DIALECTS) {
      if (rules !== choice.rules && rules.announcement(message, conversation)) return;
    }
    LAST_DIALECT.announcement(message, conversation);
  }

  private changed(): void {
    const { choice, conversation } = this;
    conversation.begin(choice.rules.start);
    conversation.tell({ kind: 'dialect', dialect: choice.rules.name });
  }

  private malformed(direction: Direction, reason: MalformedReason): void {
    this.conversation.tell({ kind: 'malformed', direction, reason });
  }
}

/** The dialect that a job has the shape of; undefined for what is none. */
function ownerOfJob(message: RequestMessage): DialectRules | undefined {
  return DIALECTS.find((rules) => rules.evidence('to_downstream', message, null) === 'job');
}

function plainText(bytes: Buffer, start: number, end: number): string | null {
  return start === end ? null : bytes.toString('utf8', start, end);
}
