/** What a connection may speak, named as in the rest of the project. */
export const DIALECT_NAMES = ['stratum1', 'ethstratum1', 'ethproxy', 'cryptonote'] as const;
export type DialectName = (typeof DIALECT_NAMES)[number];
