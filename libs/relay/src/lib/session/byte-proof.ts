import { createHash, type Hash } from 'node:crypto';

/** What passed in one direction: all that was read, and the part of it that the operating system took for the other peer. */
export interface DirectionProof {
  readonly readBytes: number;
  /** SHA-256 of these bytes, hexadecimal. */
  readonly readSha256: string;
  readonly deliveredBytes: number;
  readonly deliveredSha256: string;
}

/** Hashes the bytes of one direction as they are read, and as they are taken by the operating system. */
export class ByteProof {
  private readonly readHash: Hash = createHash('sha256');
  private readonly deliveredHash: Hash = createHash('sha256');
  private readBytes = 0;
  private deliveredBytes = 0;
  /** Bytes handed on that are not known to be taken: at most what the socket queues. */
  private waiting: Buffer[] = [];

  read(chunk: Buffer): void {
    this.readHash.update(chunk);
    this.readBytes += chunk.length;
  }

  /** The chunk was handed on; `delivered` bytes of the direction are taken by now. The chunk's memory may be used again. */
  handedOn(chunk: Buffer, delivered: number): void {
    if (this.waiting.length === 0 && this.deliveredBytes + chunk.length === delivered) this.take(chunk);
    else {
      this.waiting.push(Buffer.from(chunk));
      this.deliveredUpTo(delivered);
    }
  }

  /** So many bytes of the direction are taken by now. */
  deliveredUpTo(delivered: number): void {
    for (let [first] = this.waiting; first !== undefined; [first] = this.waiting) {
      const left = delivered - this.deliveredBytes;
      if (left <= 0) return;
      this.take(first.subarray(0, left));
      if (left < first.length) this.waiting[0] = first.subarray(left);
      else this.waiting.shift();
    }
  }

  /** All of it, at the end of the session. Called once. */
  result(delivered: number): DirectionProof {
    this.deliveredUpTo(delivered);
    return {
      readBytes: this.readBytes,
      readSha256: this.readHash.digest('hex'),
      deliveredBytes: this.deliveredBytes,
      deliveredSha256: this.deliveredHash.digest('hex'),
    };
  }

  private take(bytes: Buffer): void {
    this.deliveredHash.update(bytes);
    this.deliveredBytes += bytes.length;
  }
}
