import { bytesOfDifficulty, targetOfBytes, type ShareTarget } from '../../share-target';
import { TargetCache } from '../../target-cache';

/** The boundary that a pool puts into its jobs for a difficulty. */
export const BOUNDARIES = new TargetCache((difficulty: number) =>
  targetOfBytes(bytesOfDifficulty(difficulty)),
);

const READ = new TargetCache((hex: string): ShareTarget => targetOfBytes(Buffer.from(hex, 'hex')));

/** A boundary as it stands in a job; shorter ones lack zeros on the left. */
export function readBoundary(text: unknown): ShareTarget | undefined {
  const digits = typeof text === 'string' ? /^(?:0x)?([0-9a-fA-F]{1,64})$/.exec(text)?.[1] : undefined;
  return digits === undefined ? undefined : READ.of(digits.padStart(64, '0'));
}
