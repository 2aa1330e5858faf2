import type { Buffer } from 'node:buffer';

/**
 * The line that is being read, of whatever session: one is read to its end before the next one begins. One for all of
 * them, because each would keep the memory of the chunk that it was in.
 */
export class HeardLine {
  private bytes: Buffer | undefined;
  private from = 0;
  private to = 0;

  /** Is shown each line before the events that are read from it. */
  readonly witness = (bytes: Buffer, from: number, to: number): void => {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
  };

  /** The place of the line; undefined where it is longer than `most`. Valid while its events are told. */
  within(most: number): { readonly bytes: Buffer; readonly from: number; readonly to: number } | undefined {
    const { bytes, from, to } = this;
    return bytes === undefined || to - from > most ? undefined : { bytes, from, to };
  }

  /** Its text, which may be kept; undefined where it is longer than `most` bytes. */
  text(most: number): string | undefined {
    const line = this.within(most);
    return line?.bytes.toString('utf8', line.from, line.to);
  }
}
