import { Buffer } from 'node:buffer';
import { putDigits, sumBytes } from './checksum';

/** As much as the records of a turn usually take, many times over. */
const USUAL_BYTES = 64 * 1024;

/** What ends a line, around the eight digits of its checksum. */
const BEFORE_DIGITS = Buffer.from(',"crc":"');
const AFTER_DIGITS = Buffer.from('"}\n');

/** Digits of a time, and what ends a line. */
const REST_BYTES = 16 + BEFORE_DIGITS.length + 8 + AFTER_DIGITS.length;

/**
 * The lines of one turn of the event loop, as the bytes of one write. Always the same memory: a share is put there without
 * a text of its own.
 */
export class TurnLines {
  /** The lines, up to `length`; what comes next is written over them. */
  bytes: Buffer = Buffer.allocUnsafeSlow(USUAL_BYTES);
  length = 0;
  private time = 0;
  /** The digits of `time`, which a turn has few of. */
  private digits: Uint8Array = Buffer.from('0');

  add(line: string): void {
    this.makeRoom(3 * line.length);
    this.length += this.bytes.write(line, this.length);
  }

  /** A line whose last member is a time in milliseconds, with its checksum. `headSum`: that of what stands before the time. */
  addTimed(head: Uint8Array, headSum: number, time: number): void {
    this.makeRoom(head.length + REST_BYTES);
    const { bytes, length } = this;
    let at = put(bytes, length, head);
    at = put(bytes, at, this.digitsOf(time));
    const sum = sumBytes(headSum, bytes, length + head.length, at);
    at = put(bytes, at, BEFORE_DIGITS);
    putDigits(sum, bytes, at);
    this.length = put(bytes, at + 8, AFTER_DIGITS);
  }

  /** They are written, or kept elsewhere. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > USUAL_BYTES) this.bytes = Buffer.allocUnsafeSlow(USUAL_BYTES);
  }

  private digitsOf(time: number): Uint8Array {
    if (time !== this.time) {
      this.time = time;
      this.digits = Buffer.from(time.toString());
    }
    return this.digits;
  }

  private makeRoom(more: number): void {
    const { bytes, length } = this;
    if (length + more <= bytes.length) return;
    this.bytes = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, length + more));
    bytes.copy(this.bytes, 0, 0, length);
  }
}

/** Puts some bytes at `at`, and returns the place behind them. So few are sooner copied than handed to a built-in. */
function put(bytes: Uint8Array, at: number, some: Uint8Array): number {
  for (let index = 0; index < some.length; index += 1) bytes[at + index] = some[index] ?? 0;
  return at + some.length;
}
