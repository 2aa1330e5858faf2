/** Results computed last, by what they were computed from; forgets all when it is full. */
export class Recent<V> {
  private readonly known = new Map<string, V>();

  constructor(private readonly capacity: number) {}

  get(key: string): V | undefined {
    return this.known.get(key);
  }

  /** Keeps and returns `value`. Keys are expected to be short. */
  keep(key: string, value: V): V {
    if (this.known.size >= this.capacity) this.known.clear();
    this.known.set(key, value);
    return value;
  }
}
