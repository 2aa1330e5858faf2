import type { RejectionReason } from './reasons';

/** What a refusal code means where the text says nothing; null for an unknown code. */
export type CodeMeaning = (code: number) => RejectionReason | null;

/** Codes of slush, btcpool, node-stratum and miningcore, of Grin, and of JSON-RPC. */
export const sharedCodes: CodeMeaning = (code) => SHARED.get(code) ?? null;

/** EIP-1571: classes of a hundred, as in HTTP. */
export const ethstratum2Codes: CodeMeaning = (code) => {
  if (code === 403) return 'banned';
  if (code === 404) return 'stale';
  if (code >= 300 && code < 400) return 'unauthorized';
  if (code >= 400 && code < 500) return 'invalid';
  return code >= 500 && code < 600 ? 'server' : sharedCodes(code);
};

/** Beam's own codes; btcpool sends its usual ones negated. */
export const beamCodes: CodeMeaning = (code) => BEAM.get(code) ?? sharedCodes(-code);

const SHARED: ReadonlyMap<number, RejectionReason> = new Map<number, RejectionReason>([
  [20, 'other'],
  [21, 'stale'],
  [22, 'duplicate'],
  [23, 'low_difficulty'],
  [24, 'unauthorized'],
  [25, 'not_subscribed'],
  [26, 'invalid'],
  [27, 'invalid'],
  [28, 'banned'],
  [29, 'unauthorized'],
  [30, 'server'],
  [31, 'invalid'],
  [32, 'invalid'],
  [33, 'invalid'],
  [34, 'invalid'],
  [35, 'invalid'],
  [36, 'stale'],
  [37, 'stale'],
  [-32000, 'server'],
  [-32500, 'unauthorized'],
  [-32501, 'low_difficulty'],
  [-32502, 'invalid'],
  [-32503, 'stale'],
  [-32600, 'invalid'],
  [-32601, 'invalid'],
  [-32602, 'invalid'],
  [-32603, 'server'],
  [-32700, 'invalid'],
]);

const BEAM: ReadonlyMap<number, RejectionReason> = new Map<number, RejectionReason>([
  [2, 'other'],
  [3, 'stale'],
  [-32000, 'invalid'],
  [-32001, 'invalid'],
  [-32002, 'invalid'],
  [-32003, 'unauthorized'],
]);
