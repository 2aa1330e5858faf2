import type { SessionIdentity } from '@mining-proxy/relay';
import { UNASSIGNED, type ClientDirectory, type Connection, type KnownLogin } from './client-directory';

/** Workers that a session remembers as refused. */
const MAX_REFUSED = 100;

/**
 * Finds out once who is billed for a session: by its connection, else by the first worker that the pool lets in or
 * that submits without having been refused.
 */
export class SessionClient {
  /** Undefined until it is known, then the same for good. */
  id: string | undefined;
  /** The first worker that logged in, or submitted where nobody did: bytes and time are its own. */
  worker: string | null = null;
  /** Names as they came. Made at the first one: most sessions never have any. */
  private refused: Set<string> | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly books: { readonly directory: ClientDirectory },
    private readonly found: (identity: SessionIdentity) => void,
  ) {}

  /** Looks for a client by the listener and the source address. */
  opened(): void {
    const clientId = this.books.directory.byConnection(this.connection);
    if (clientId !== undefined) this.identify({ clientId });
  }

  loggedIn(name: string, known: KnownLogin): void {
    this.refused?.delete(name);
    this.appeared(known);
  }

  loginRefused(name: string): void {
    this.refused ??= new Set();
    if (this.refused.size < MAX_REFUSED) this.refused.add(name);
  }

  /**
   * A share came. Returns the client that it is of, where that is not the session's. One of a worker that was refused
   * tells of nobody: what the pool may not even take is no reason to trouble another client.
   */
  submitted(name: string, known: KnownLogin): string | undefined {
    if (this.refused?.has(name)) return undefined;
    this.appeared(known);
    const clientId = this.books.directory.byShare(known, this.id);
    return clientId === this.id ? undefined : clientId;
  }

  /** Nobody was found in time: the session is `unassigned` for good. */
  giveUp(): void {
    this.identify({ clientId: UNASSIGNED });
  }

  private appeared(known: KnownLogin): void {
    this.worker ??= known.worker;
    if (this.id !== undefined) return;
    const clientId = this.books.directory.byLogin(known, this.connection.remoteAddress);
    this.identify({ clientId, worker: known.worker });
  }

  private identify(identity: SessionIdentity): void {
    if (this.id !== undefined) return;
    this.id = identity.clientId;
    this.found(identity);
  }
}
