/** The coinbase of Bitcoin's first block; a pool would have cut it at its 42nd and its 50th byte. */
export const COINBASE =
  '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65' +
  '732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062' +
  '616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4c' +
  'ef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000';

export const GENESIS_HASH = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';

/** The block as a pool would have announced it; `params` stand in the place of those of their numbers. */
export function genesisJob(params: Partial<Record<number, unknown>> = {}) {
  const [head, tail] = [COINBASE.slice(0, 84), COINBASE.slice(100)];
  const list = ['1', '00'.repeat(32), head, tail, [], '00000001', '1d00ffff', '495fab29', true];
  return { id: null, method: 'mining.notify', params: list.map((value, at) => params[at] ?? value) };
}

/** The share that became the block. */
export function genesisSubmit(id = 4, job = '1', ...versionBits: readonly string[]) {
  const params = ['acme.rig1', job, COINBASE.slice(92, 100), '495fab29', '7c2bac1d', ...versionBits];
  return { id, method: 'mining.submit', params };
}
