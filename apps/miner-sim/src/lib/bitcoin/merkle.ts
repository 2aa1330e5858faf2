import { sha256d } from './sha256d';

/**
 * Folds the coinbase's hash with the branches of a `mining.notify` into the merkle root, all in
 * internal byte order. The coinbase is the leftmost leaf, so each branch stands on the right.
 */
export function merkleRoot(coinbaseHash: Uint8Array, branches: readonly Uint8Array[]): Buffer {
  const pair = Buffer.allocUnsafe(64);
  let root: Buffer = Buffer.from(coinbaseHash);
  for (const branch of branches) {
    pair.set(root, 0);
    pair.set(branch, 32);
    root = sha256d(pair);
  }
  return root;
}

/** The branches that take the leftmost of `hashes` up to the root, as pools send them. */
export function merkleBranches(hashes: readonly Uint8Array[]): Buffer[] {
  const branches: Buffer[] = [];
  let level: Buffer[] = hashes.map((hash) => Buffer.from(hash));
  while (level.length > 1) {
    const sibling = level[1];
    if (sibling !== undefined) branches.push(sibling);
    level = pairUp(level);
  }
  return branches;
}

/** Bitcoin pairs the last hash of an odd level with itself. */
function pairUp(level: readonly Buffer[]): Buffer[] {
  const above: Buffer[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const left = level[at];
    if (left === undefined) break;
    above.push(sha256d(Buffer.concat([left, level[at + 1] ?? left])));
  }
  return above;
}
