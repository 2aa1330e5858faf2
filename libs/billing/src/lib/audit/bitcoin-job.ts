import { Buffer } from 'node:buffer';

/** A job of the Bitcoin frame (`mining.notify`), as far as a share's header needs it. */
export interface BitcoinJob {
  readonly id: string;
  /** In the order of the header. */
  readonly previousHash: Buffer;
  /** The coinbase transaction before and behind the extranonces. */
  readonly coinbase1: Buffer;
  readonly coinbase2: Buffer;
  readonly branches: readonly Buffer[];
  readonly version: number;
  readonly bits: number;
}

/** What the pool calls the session: its part of the coinbase, and how long the miner's is. */
export interface Extranonce {
  readonly extranonce1: Buffer;
  readonly extranonce2Bytes: number;
}

/** What a miner submits for a job. */
export interface Submission {
  readonly extranonce2: Buffer;
  readonly time: number;
  readonly nonce: number;
  /** The bits of the version that it has rolled (BIP 310); undefined where it sent none. */
  readonly versionBits: number | undefined;
}

/** Deeper trees hold more transactions than a block does. */
const MAX_BRANCHES = 32;

/**
 * Reads the line of a `mining.notify`: job, previous hash, coinbase before and behind, branches, version, bits, time, clean.
 * Undefined for anything else.
 */
export function readJob(line: string): BitcoinJob | undefined {
  const params = listIn(line, 'params');
  if (params === undefined || params.length < 9) return undefined;
  const [id, previous, head, tail, tree, versionHex, bitsHex] = params;
  const previousHash = bytesOf(previous);
  const [coinbase1, coinbase2] = [bytesOf(head), bytesOf(tail)];
  const [version, bits] = [wordOf(versionHex), wordOf(bitsHex)];
  if (typeof id !== 'string' || previousHash?.length !== 32 || !coinbase1 || !coinbase2) return undefined;
  if (version === undefined || bits === undefined) return undefined;
  if (!Array.isArray(tree) || tree.length > MAX_BRANCHES) return undefined;
  const branches = tree.map(bytesOf);
  if (!branches.every((branch) => branch?.length === 32)) return undefined;
  // Stratum has it in words of which each stands the other way round than in the header.
  const inHeader = previousHash.swap32();
  return { id, previousHash: inHeader, coinbase1, coinbase2, branches: branches as Buffer[], version, bits };
}

/** Reads the answer to a `mining.subscribe`: `[subscriptions, extranonce1, size of extranonce2]`. */
export function readSubscribed(line: string): Extranonce | undefined {
  const [, extranonce1, size] = listIn(line, 'result') ?? [];
  return extranonceOf(extranonce1, size);
}

/** Reads a `mining.set_extranonce`, whose size may be left out: it stays what it was. */
export function readSetExtranonce(line: string, before: Extranonce | undefined): Extranonce | undefined {
  const [extranonce1, size = before?.extranonce2Bytes] = listIn(line, 'params') ?? [];
  return extranonceOf(extranonce1, size);
}

/** Reads the mask of version bits that a miner may roll: of the answer to a `mining.configure`, or of `mining.set_version_mask`. */
export function readVersionMask(line: string): number | undefined {
  const message = objectIn(line);
  const { result, params } = message ?? {};
  if (Array.isArray(params)) return wordOf(params[0]);
  if (typeof result !== 'object' || result === null) return undefined;
  return wordOf((result as Record<string, unknown>)['version-rolling.mask']);
}

/** Reads a `mining.submit`: worker, job, extranonce 2, time, nonce, and perhaps version bits. */
export function readSubmission(line: string): Submission | undefined {
  const [, , second, timeHex, nonceHex, bitsHex] = listIn(line, 'params') ?? [];
  const extranonce2 = bytesOf(second);
  const [time, nonce] = [wordOf(timeHex), wordOf(nonceHex)];
  if (!extranonce2 || time === undefined || nonce === undefined) return undefined;
  if (bitsHex === undefined || bitsHex === null) return { extranonce2, time, nonce, versionBits: undefined };
  const versionBits = wordOf(bitsHex);
  return versionBits === undefined ? undefined : { extranonce2, time, nonce, versionBits };
}

/** The coinbase transaction with both extranonces in their place. */
export function coinbaseOf(
  { coinbase1, coinbase2 }: BitcoinJob,
  { extranonce1 }: Extranonce,
  extranonce2: Buffer,
): Buffer {
  return Buffer.concat([coinbase1, extranonce1, extranonce2, coinbase2]);
}

function extranonceOf(extranonce1: unknown, size: unknown): Extranonce | undefined {
  const bytes = bytesOf(extranonce1);
  if (!bytes || typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > 64)
    return undefined;
  return { extranonce1: bytes, extranonce2Bytes: size };
}

function listIn(line: string, member: 'params' | 'result'): readonly unknown[] | undefined {
  const list = objectIn(line)?.[member];
  return Array.isArray(list) ? (list as unknown[]) : undefined;
}

function objectIn(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // whoever asks knows then that it cannot be checked
  }
}

function bytesOf(hex: unknown): Buffer | undefined {
  if (typeof hex !== 'string' || hex.length % 2 !== 0) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  return bytes.length * 2 === hex.length ? bytes : undefined;
}

/** Up to eight digits; some miners leave out zeros in front. */
function wordOf(hex: unknown): number | undefined {
  if (typeof hex !== 'string' || !/^(0x)?[\da-f]{1,8}$/i.test(hex)) return undefined;
  return Number.parseInt(hex, 16);
}
