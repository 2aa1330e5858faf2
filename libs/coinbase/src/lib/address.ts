import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { bech32, bech32m, createBase58check } from '@scure/base';

/** How a chain spells addresses: its version bytes before Base58Check, and its name before Bech32 (BIP 173, BIP 350). */
export interface AddressForm {
  readonly keyHash: number;
  readonly scriptHash: number;
  readonly name: string;
}

export const BITCOIN_ADDRESSES: AddressForm = { keyHash: 0x00, scriptHash: 0x05, name: 'bc' };
export const LITECOIN_ADDRESSES: AddressForm = { keyHash: 0x30, scriptHash: 0x32, name: 'ltc' };

/** Version bytes by what stands behind them: Bitcoin and its tests, Litecoin, Dogecoin, DigiByte, Namecoin, Peercoin. */
const KEY_HASHES: ReadonlySet<number> = new Set([0x00, 0x6f, 0x30, 0x1e, 0x71, 0x34, 0x37]);
const SCRIPT_HASHES: ReadonlySet<number> = new Set([0x05, 0xc4, 0x32, 0x3a, 0x16, 0x3f, 0x0d, 0x75]);

const base58check = createBase58check((bytes) => createHash('sha256').update(bytes).digest());

const HASH_BYTES = 20;
const OP_0 = 0x00;
const OP_1 = 0x51;
const [OP_DUP, OP_EQUAL, OP_EQUALVERIFY, OP_HASH160, OP_CHECKSIG] = [0x76, 0x87, 0x88, 0xa9, 0xac];
const KEY_HASH_HEAD = Buffer.from([OP_DUP, OP_HASH160, HASH_BYTES]);
const KEY_HASH_TAIL = Buffer.from([OP_EQUALVERIFY, OP_CHECKSIG]);
const SCRIPT_HASH_HEAD = Buffer.from([OP_HASH160, HASH_BYTES]);
const SCRIPT_HASH_TAIL = Buffer.from([OP_EQUAL]);

/** The address of an output's script; undefined where it has none of the usual forms. */
export function addressOf(script: Buffer, { keyHash, scriptHash, name }: AddressForm): string | undefined {
  const byKey = between(script, KEY_HASH_HEAD, KEY_HASH_TAIL);
  if (byKey) return base58check.encode(Buffer.from([keyHash, ...byKey]));
  const byScript = between(script, SCRIPT_HASH_HEAD, SCRIPT_HASH_TAIL);
  if (byScript) return base58check.encode(Buffer.from([scriptHash, ...byScript]));
  const [opcode = -1, length = -1] = script;
  const version = opcode === OP_0 ? 0 : opcode - OP_1 + 1;
  const program = script.subarray(2);
  if (program.length !== length || !isProgram(version, program.length)) return undefined;
  const code = version === 0 ? bech32 : bech32m;
  return code.encode(name, [version, ...code.toWords(program)]);
}

/** The script that pays an address, whichever of the usual chains it is of; undefined where it is none, or mistyped. */
export function scriptOf(address: string): Buffer | undefined {
  return witnessScript(address) ?? hashScript(address);
}

function hashScript(address: string): Buffer | undefined {
  const bytes = attempt(() => base58check.decode(address));
  const [version, ...hash] = bytes ?? [];
  if (version === undefined || hash.length !== HASH_BYTES) return undefined;
  if (KEY_HASHES.has(version)) return Buffer.concat([KEY_HASH_HEAD, Buffer.from(hash), KEY_HASH_TAIL]);
  if (!SCRIPT_HASHES.has(version)) return undefined;
  return Buffer.concat([SCRIPT_HASH_HEAD, Buffer.from(hash), SCRIPT_HASH_TAIL]);
}

function witnessScript(address: string): Buffer | undefined {
  for (const [code, isOfVersion] of [
    [bech32, (version: number) => version === 0],
    [bech32m, (version: number) => version > 0],
  ] as const) {
    const found = attempt(() => {
      const [version = -1, ...words] = code.decode(address as `${string}1${string}`).words;
      return { version, program: code.fromWords(words) };
    });
    if (!found || !isOfVersion(found.version)) continue;
    const { version, program } = found;
    if (!isProgram(version, program.length)) return undefined;
    return Buffer.from([version === 0 ? OP_0 : OP_1 + version - 1, program.length, ...program]);
  }
  return undefined;
}

/** BIP 141 has versions up to 16 and 2 to 40 bytes; of version 0 the hash of a key or of a script. */
function isProgram(version: number, length: number): boolean {
  if (version === 0) return length === 20 || length === 32;
  return version >= 1 && version <= 16 && length >= 2 && length <= 40;
}

function between(script: Buffer, head: Buffer, tail: Buffer): Buffer | undefined {
  const end = head.length + HASH_BYTES;
  if (script.length !== end + tail.length) return undefined;
  if (!script.subarray(0, head.length).equals(head) || !script.subarray(end).equals(tail)) return undefined;
  return script.subarray(head.length, end);
}

/** The library throws at whatever is not its code. */
function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
