import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { Direction } from '../direction';
import { MOST_BYTES, TurnChunks, type ChunkViewer } from './turn-chunks';

describe('TurnChunks', () => {
  const start = () => {
    const seen: string[] = [];
    let now = 0;
    const chunks = new TurnChunks(
      () => (now += 1),
      () => seen.push('ended'),
    );
    const viewer = (name: string, then: () => void = () => undefined): ChunkViewer => ({
      show: (direction: Direction, chunk, readAt) => {
        seen.push(`${name} ${direction} ${Buffer.from(chunk).toString()} ${readAt}`);
        then();
      },
    });
    return { chunks, seen, viewer };
  };

  it('shows the chunks of all sessions in the order in which they came, when the turn ends', async () => {
    const { chunks, seen, viewer } = start();
    const [a, b] = [viewer('a'), viewer('b')];
    chunks.add(a, 'to_upstream', Buffer.from('x'));
    chunks.add(b, 'to_upstream', Buffer.from('y'));
    chunks.add(a, 'to_downstream', Buffer.from('z'));
    expect(seen).toEqual([]);
    await endOfTurn();
    expect(seen).toEqual(['a to_upstream x 1', 'b to_upstream y 2', 'a to_downstream z 3', 'ended']);
  });

  it('begins anew with the next turn, and has none where nothing came', async () => {
    const { chunks, seen, viewer } = start();
    chunks.add(viewer('a'), 'to_upstream', Buffer.from('x'));
    await endOfTurn();
    await endOfTurn();
    chunks.add(viewer('a'), 'to_upstream', Buffer.from('y'));
    await endOfTurn();
    expect(seen).toEqual(['a to_upstream x 1', 'ended', 'a to_upstream y 2', 'ended']);
  });

  it('shows at once what it is asked for, and nothing twice', async () => {
    const { chunks, seen, viewer } = start();
    chunks.add(viewer('a'), 'to_upstream', Buffer.from('x'));
    chunks.show();
    expect(seen).toEqual(['a to_upstream x 1']);
    chunks.add(viewer('a'), 'to_upstream', Buffer.from('y'));
    await endOfTurn();
    expect(seen).toEqual(['a to_upstream x 1', 'a to_upstream y 2', 'ended']);
  });

  it('shows each chunk once where one that is shown asks for the rest', async () => {
    const { chunks, seen, viewer } = start();
    chunks.add(
      viewer('a', () => chunks.show()),
      'to_upstream',
      Buffer.from('x'),
    );
    chunks.add(viewer('b'), 'to_upstream', Buffer.from('y'));
    await endOfTurn();
    chunks.add(viewer('b'), 'to_upstream', Buffer.from('z'));
    await endOfTurn();
    expect(seen).toEqual(['a to_upstream x 1', 'b to_upstream y 2', 'ended', 'b to_upstream z 3', 'ended']);
  });

  it('ends a turn that was begun though no chunk came', async () => {
    const { chunks, seen } = start();
    chunks.begin();
    chunks.begin();
    await endOfTurn();
    expect(seen).toEqual(['ended']);
  });

  it('keeps no more of short chunks either', () => {
    const { chunks } = start();
    let shown = 0;
    const viewer = { show: () => (shown += 1) } as unknown as ChunkViewer;
    for (let count = 0; count < 40_000; count += 1) chunks.add(viewer, 'to_upstream', Buffer.from('x'));
    expect(shown).toBeGreaterThan(30_000);
  });

  it('keeps no more than its bound, however much comes in one turn', () => {
    const { chunks, seen, viewer } = start();
    const large = { show: (): unknown => seen.push('large') } as ChunkViewer;
    const half = Buffer.alloc(MOST_BYTES / 2 - 1_000);
    chunks.add(large, 'to_upstream', half);
    chunks.add(large, 'to_upstream', half);
    expect(seen).toEqual([]);
    chunks.add(viewer('a'), 'to_upstream', Buffer.alloc(2_000, 'x'));
    expect(seen).toEqual(['large', 'large', `a to_upstream ${'x'.repeat(2_000)} 3`]);
  });
});
