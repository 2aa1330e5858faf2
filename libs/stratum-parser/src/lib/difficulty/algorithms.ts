/**
 * log2 of the hashes that one unit of difficulty stands for. Pools disagree about a few: names with
 * `/zone117x` are those of node-stratum-pool and its kin, plain ones those of yiimp and the miners.
 */
const LOG2_OF: readonly (readonly [log2: number, names: string])[] = [
  [
    32,
    'sha256d sha256 sha256t blake blakecoin vanilla blake2b blake2s blake3 blake256 decred x11 x12 x13 x14 x15 x17 ' +
      'x22i c11 x11evo quark nist5 qubit myr-gr skein skein2 tribus sonoa deep polytimos skunk phi bmw luffa penta ' +
      'veltor vitalium aergo sib zr5 hsr ethash etchash kheavyhash',
  ],
  [
    16,
    'scrypt scrypt-n scrypt-og scrypt-jane neoscrypt hmq1725 jha jackpot yescrypt yescryptr8 yescryptr8g ' +
      'yescryptr16 yescryptr24 yescryptr32 yespower yespowerr16 yespoweradvc yespoweriots yespoweritc ' +
      'yespowerlitb yespowerltncg yespowermgpc yespowerres yespowersugar yespowertide yespowerurx ' +
      'argon2 argon2d argon2d250 argon2d500 argon2d1000 argon2d4096 argon2d16000 argon2i argon2id a5a hive m7m ' +
      'velvet ghostrider',
  ],
  [
    24,
    'x16r x16rv2 x16s timetravel bitcore exosis xevan allium lyra2v2 lyra2v3 lyra2z lyra2zz fresh fugue256 groestl ' +
      'dmd-gr keccakc hex phi2 lbk3 lbry rainforest x20r verthash lyra2z330 ' +
      'keccak/zone117x blake/zone117x groestl/zone117x fugue/zone117x',
  ],
  [25, 'keccak lyra2re'],
  [27, 'neoscrypt/zone117x'],
  // Difficulty counts hashes or solutions itself.
  [0, 'xelis monero grin beam'],
];

const HASHES = new Map<string, number>(
  LOG2_OF.flatMap(([log2, names]) => names.split(' ').map((name) => [name, 2 ** log2] as const)),
);

/** Every algorithm whose unit of difficulty is known, sorted. */
export const ALGORITHMS: readonly string[] = [...HASHES.keys()].sort();

/** Hashes per share of difficulty 1; undefined for an unknown algorithm. Names are in lower case. */
export function hashesPerDifficulty1(algorithm: string): number | undefined {
  return HASHES.get(algorithm);
}
