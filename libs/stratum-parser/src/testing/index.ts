export {
  loadAlgorithms,
  loadMoreReasons,
  loadMoreSessions,
  loadMoreVectors,
  loadReasons,
  loadSessions,
  loadVectors,
} from './cases';
export type { AlgorithmFamily, CaseConfig, ReasonCase, SessionCase, SessionStep, VectorCase } from './cases';
export { EventTally } from './event-tally';
export type { WorkerTally } from './event-tally';
export { optionsOf, replay, replayVector, whole } from './replay';
export type { Cutter, Replay } from './replay';
export { forEverySplit, inPieces } from './splits';
export { nearly } from './nearly';
