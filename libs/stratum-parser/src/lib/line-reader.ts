import type { Buffer } from 'node:buffer';
import type { Conversation } from './conversation/conversation';
import type { CheapMessages, DialectChoice, DialectRules } from './dialects/dialect';
import type { Direction, MalformedReason } from './events/stream';
import type { FrameSink, LineSink } from './stream/framing';
import { FRAME_HEAD_BYTES } from './stream/framing';
import { gluedValues, parsedJson } from './stream/glued-values';
import { lineEnd, lineStart } from './stream/line';
import type { TemplateUse } from './fast-path/line-template';
import { LineTemplates } from './fast-path/line-templates';
import { AGENT_DIALECT, DIALECTS, LAST_DIALECT, SHARED_DIALECTS } from './dialects/registry';
import type { Message, RequestMessage } from './message';
import { readMessage } from './message';

/** Shared by all sessions: a line is read to its end before the next one is looked at. */
const FROM_MINERS = new LineTemplates();
const FROM_POOLS = new LineTemplates();

/** btcpool's AGENT.md: submits of all sorts; the others register, answer and set. */
const AGENT_SUBMITS = new Set([0x02, 0x03, 0x12, 0x13, 0x14]);
const AGENT_COMMANDS = new Set([...AGENT_SUBMITS, 0x01, 0x04, 0x05, 0x10, 0x22]);

/** Is shown each line before the events that are read from it; must copy what it keeps. */
export type LineWitness = (bytes: Buffer, from: number, to: number) => void;

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
    private readonly witness?: LineWitness,
  ) {}

  oversize(direction: Direction): void {
    this.conversation.tell({ kind: 'oversize', direction });
  }

  /** The session is BTC.com's agent's: any command may come now. */
  beginAgent(): void {
    if (!this.choice.sawFrames(AGENT_DIALECT)) return;
    this.changed();
    this.conversation.difficulty.showDialect(AGENT_DIALECT.start);
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

  /** What came behind the last LF of a direction that has ended: a line if it is whole, else false. */
  lastLine(direction: Direction, bytes: Buffer): boolean {
    const from = lineStart(bytes, 0, bytes.length);
    const to = lineEnd(bytes, from, bytes.length);
    const values = gluedValues(bytes.toString('utf8', from, to)) ?? [];
    if (values.length > 1 && direction === 'to_upstream') return false;
    if (values.length > 0) this.witness?.(bytes, from, to);
    for (const value of values) this.values(direction, value);
    return values.length > 0;
  }

  /** One line without its LF. */
  line(direction: Direction, bytes: Buffer, start: number, end: number): void {
    const from = lineStart(bytes, start, end);
    const to = lineEnd(bytes, from, end);
    if (from === to) return;
    this.witness?.(bytes, from, to);
    const { conversation } = this;
    const templates = direction === 'to_upstream' ? FROM_MINERS : FROM_POOLS;
    const found = templates.find(bytes, from, to, conversation);
    if (found === undefined) this.parse(direction, bytes, from, to, templates);
    else if (found.use === 'answer' || this.isRead(found.use)) this.message(direction, found.message);
    else this.parse(direction, bytes, from, to);
  }

  /** The line goes to `learners` for others like it. */
  private parse(
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
    learners?: LineTemplates,
  ): void {
    const text = bytes.toString('utf8', from, to);
    const value = parsedJson(text);
    if (value === undefined) {
      this.broken(direction, text, bytes, from, to);
      return;
    }
    const message = this.values(direction, value);
    if (message !== undefined) learners?.learn(message, bytes, from, to);
  }

  /** No JSON as a whole. */
  private broken(direction: Direction, text: string, bytes: Buffer, from: number, to: number): void {
    const mayBeJob = direction === 'to_downstream' && this.isRead('notify');
    const job = mayBeJob ? FROM_POOLS.findBroken(bytes, from, to, this.conversation) : undefined;
    if (job !== undefined) {
      this.message(direction, job.message);
      return;
    }
    // Of two requests in one line nobody knows which ones the pool reads.
    const glued = direction === 'to_downstream' ? gluedValues(text) : undefined;
    if (glued === undefined) this.malformed(direction, 'not_json');
    else for (const value of glued) this.values(direction, value);
  }

  /** One value, or each of a batch; gives the message of one that is no batch. */
  private values(direction: Direction, value: unknown): Message | undefined {
    if (!Array.isArray(value) || value.length === 0) return this.value(direction, value);
    for (const part of value) this.value(direction, part);
    return undefined;
  }

  /** Whether the session's dialect is certain, and reads of such lines what their template has. */
  private isRead(use: TemplateUse): boolean {
    return this.choice.settled && meansThat(this.choice.rules.cheap, use);
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
    if (!choice.settled) this.weigh(direction, message);
    if (message.type === 'request') {
      if (direction === 'to_upstream') this.request(message);
      else this.announcement(message);
    } else if (direction === 'to_downstream') {
      choice.rules.answer(message, conversation);
    } else {
      // The miner answers a request of the pool's own: a ping, or client.get_version.
      const kind = message.fields.result === 'pong' ? 'pong' : 'client_response';
      this.conversation.tell({ kind, id: message.id });
    }
  }

  private weigh(direction: Direction, message: Message): void {
    const { choice, conversation } = this;
    if (choice.weigh(direction, message)) this.changed();
    if (choice.settled) conversation.difficulty.showDialect(choice.rules.start);
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
    conversation.difficulty.begin(choice.rules.start);
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

function meansThat(cheap: CheapMessages, use: TemplateUse): boolean {
  if (use === 'submit') return cheap.submit;
  if (use === 'notify') return cheap.notify;
  return use === 'loginFrame' && cheap.loginFrame;
}
