import type { Direction, InspectorOptions } from '..';
import { StratumInspector } from '..';
import type { CaseConfig, SessionStep, VectorCase } from './cases';
import { EventTally } from './event-tally';

/** How a step's bytes reach the inspector. */
export type Cutter = (bytes: Buffer, direction: Direction, step: number) => readonly Buffer[];

export const whole: Cutter = (bytes) => [bytes];

export interface Replay {
  readonly inspector: StratumInspector;
  readonly tally: EventTally;
}

export function optionsOf({ hashesPerDiff1, maxLine, numericTarget }: CaseConfig): InspectorOptions {
  return {
    ...(hashesPerDiff1 === undefined ? {} : { hashesPerDifficulty1: hashesPerDiff1 }),
    ...(numericTarget === undefined ? {} : { numericTarget }),
    ...(maxLine === undefined ? {} : { maxLineBytes: maxLine }),
  };
}

/** Feeds steps to a new inspector, each cut by `cut`. Its clock stands at the step's time. */
export function replay(steps: readonly SessionStep[], config: CaseConfig, cut: Cutter = whole): Replay {
  const tally = new EventTally();
  let nowMs = 0;
  const inspector = new StratumInspector({ ...optionsOf(config), now: () => nowMs }, tally);
  steps.forEach(({ atMs, direction, bytes }, step) => {
    nowMs = atMs;
    for (const piece of cut(bytes, direction, step)) inspector.chunk(direction, piece);
  });
  return { inspector, tally };
}

/**
 * Feeds a vector's set-up whole and its bytes in the given pieces; the tally starts after the set-up.
 * Throws when after any event a submit is not in exactly one place.
 */
export function replayVector(vector: VectorCase, pieces: readonly Buffer[]): Replay {
  const tally = new EventTally();
  const all = new EventTally();
  const inspector: StratumInspector = new StratumInspector(optionsOf(vector.config), {
    push: (event) => {
      all.push(event);
      if (counting) tally.push(event);
      const settled = all.accepted + all.rejected + all.unknown + all.unanswered;
      if (settled + inspector.inFlight !== all.submits) throw new Error(`unbalanced after ${event.kind}`);
    },
  });
  let counting = false;
  for (const { direction, bytes } of vector.setup) inspector.chunk(direction, bytes);
  counting = true;
  for (const piece of pieces) inspector.chunk(vector.direction, piece);
  return { inspector, tally };
}
