import { Buffer } from 'node:buffer';
import type { ProxyHeaderEvent } from '../events/stream';
import { readProxyHeader } from './proxy-header';
import type { StreamKind } from './recognition';
import { MAX_HEAD, recognise } from './recognition';

/** The first bytes of the miner's stream, kept until they say what it is. */
export class StreamHead {
  private readonly bytes = Buffer.allocUnsafeSlow(MAX_HEAD);
  private used = 0;
  private toSkip = 0;
  private sawProxyHeader = false;

  /** Copies what is needed of `chunk[from..]`; returns how many bytes were taken. */
  take(chunk: Buffer, from: number): number {
    const skipped = Math.min(this.toSkip, chunk.length - from);
    this.toSkip -= skipped;
    const copied = chunk.copy(this.bytes, this.used, from + skipped);
    this.used += copied;
    return skipped + copied;
  }

  /** What the bytes so far say. A PROXY header is told once and taken off. */
  read(): StreamKind | ProxyHeaderEvent | 'more' {
    if (this.used === 0) return 'more';
    const header = this.sawProxyHeader ? null : readProxyHeader(this.rest);
    if (header === 'more') return 'more';
    if (header === null) return recognise(this.rest);
    this.sawProxyHeader = true;
    this.drop(header.length);
    return header.event;
  }

  /** The bytes that were taken and not yet told. */
  get rest(): Buffer {
    return this.bytes.subarray(0, this.used);
  }

  private drop(length: number): void {
    const held = Math.min(length, this.used);
    this.bytes.copyWithin(0, held, this.used);
    this.used -= held;
    this.toSkip = length - held;
  }
}
