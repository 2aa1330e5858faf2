import type { Login, StratumEvent } from '..';
import { forEverySplit, inPieces, loadMoreVectors, loadVectors, nearly, replayVector } from '../testing';
import type { Replay, VectorCase } from '../testing';
import { Secret } from './secret';

const vectors = loadVectors();
const more = loadMoreVectors();

it('knows all vectors', () => {
  expect(vectors).toHaveLength(185);
  expect(new Set([...vectors, ...more].map(({ name }) => name)).size).toBe(vectors.length + more.length);
});

describe.each([...vectors, ...more].map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
  it('reads as expected, whole', () => {
    expectVector(vector, [vector.bytes]);
  });

  it('reads the same byte by byte and in 5-byte pieces', () => {
    expectVector(vector, inPieces(vector.bytes, 1));
    expectVector(vector, inPieces(vector.bytes, 5));
  });

  it('reads the same cut at every point', () => {
    forEverySplit(vector.bytes, (pieces) => expectVector(vector, pieces));
  });
});

function expectVector(vector: VectorCase, pieces: readonly Buffer[]): void {
  const run = replayVector(vector, pieces);
  const { events, totals, state, ...single } = nearly(vector.expect) as Record<string, unknown>;
  const facts = run.tally.events.filter(({ kind }) => kind !== 'dialect').map((event) => flat(event, run));
  if (events !== undefined) expect(facts).toMatchObject(events as object[]);
  else expect(facts).toMatchObject([single]);
  if (state !== undefined) expect(stateOf(run)).toMatchObject(state as object);
  if (totals === undefined) return;
  run.inspector.close();
  expect(run.tally).toMatchObject(totals as object);
}

/** An event in the words of the data files. */
function flat(event: StratumEvent, { inspector }: Replay): Record<string, unknown> {
  const id = 'id' in event ? event.id : undefined;
  const { login } = { ...event, ...('share' in event ? event.share : {}) } as { login?: Login | null };
  return {
    ...event,
    ...('share' in event ? event.share : {}),
    ...(login === undefined ? {} : { account: login?.text.split('.')[0] ?? null }),
    ...('stale' in event ? { acceptedStale: event.stale } : {}),
    ...('password' in event
      ? { password: event.password instanceof Secret ? event.password.reveal() : event.password }
      : {}),
    idType: id === undefined ? 'missing' : id === null ? 'null' : typeof id,
    dialect: inspector.dialect,
  };
}

function stateOf({ inspector }: Replay): Record<string, unknown> {
  return {
    dialect: inspector.dialect,
    workers: inspector.workers,
    pending: inspector.pendingCount,
    mode: { up: inspector.mode, down: inspector.mode },
    nextHashes: inspector.nextHashes,
  };
}
