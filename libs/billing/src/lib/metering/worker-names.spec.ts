import { WorkerNames } from './worker-names';

describe('WorkerNames', () => {
  it('keep the names that they know, and give overflow to those beyond', () => {
    const names = new WorkerNames(2, 100);
    const billed = ['x', 'y', 'z', 'x'].map((worker) => names.billed('a', worker));
    expect(billed).toEqual(['x', 'y', 'overflow', 'x']);
    expect(names.billed('b', 'z')).toBe('z');
  });

  it('are bounded over all clients: the one that brought nothing new for longest is forgotten', () => {
    const names = new WorkerNames(2, 4);
    for (const clientId of ['a', 'b']) {
      for (const worker of ['x', 'y']) names.billed(clientId, worker);
    }
    expect([names.billed('a', 'z'), names.billed('b', 'z')]).toEqual(['overflow', 'overflow']);
    // One more than may be known: `a` goes, and begins anew; `b` stands as it did.
    names.billed('c', 'x');
    expect(names.billed('b', 'z')).toBe('overflow');
    expect(names.billed('a', 'z')).toBe('z');
  });
});
