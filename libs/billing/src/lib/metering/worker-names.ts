/** Workers of one client that are told apart; what is beyond is billed to it all the same, as `overflow`. */
const MAX_PER_CLIENT = 10_000;
/** Of all clients together: some tens of megabytes. */
const MAX_KNOWN = 200_000;
const OVERFLOW_WORKER = 'overflow';

/**
 * The names that workers are billed under, so that one client cannot fill the ledger with them.
 *
 * Where too many are known, those of the client that brought a new one the longest time ago are forgotten: it may then
 * have as many again, and nobody else is worse off.
 */
export class WorkerNames {
  /** Those that brought a new name last are at the end. */
  private readonly clients = new Map<string, Set<string>>();
  private known = 0;

  constructor(
    private readonly maxPerClient = MAX_PER_CLIENT,
    private readonly maxKnown = MAX_KNOWN,
  ) {}

  /** The name that the client's worker is billed under: its own, or `overflow` where the client has too many. */
  billed(clientId: string, worker: string): string {
    const names = this.clients.get(clientId);
    if (names?.has(worker)) return worker;
    if (names && names.size >= this.maxPerClient) return OVERFLOW_WORKER;
    this.learn(clientId, names ?? new Set(), worker);
    return worker;
  }

  private learn(clientId: string, names: Set<string>, worker: string): void {
    names.add(worker);
    this.clients.delete(clientId);
    this.clients.set(clientId, names);
    this.known += 1;
    if (this.known > this.maxKnown) this.forgetOldest();
  }

  private forgetOldest(): void {
    for (const [clientId, names] of this.clients) {
      this.clients.delete(clientId);
      this.known -= names.size;
      return;
    }
  }
}
