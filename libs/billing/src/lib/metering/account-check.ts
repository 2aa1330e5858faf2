import type { ClientDirectory, KnownLogin } from '../identity/client-directory';
import type { SessionClient } from '../identity/session-client';
import type { SessionTotals } from './session-totals';
import type { SessionUsage } from './session-usage';

/** Uses from before the client was known that a session remembers. */
const EARLY_USES = 100;

interface Books {
  readonly directory: ClientDirectory;
  readonly totals: SessionTotals;
}

/** Counts and writes down the logins and submits of one session that are for an account that is not the client's. */
export class AccountCheck {
  /** What came before the client was known. Gone afterwards: an empty list keeps room for many. */
  private early: KnownLogin[] | undefined;

  constructor(
    private readonly client: SessionClient,
    private readonly books: Books,
    private readonly usage: SessionUsage,
  ) {}

  /** `guest`: whose the use is, where that is not the session's client. */
  used(known: KnownLogin, guest?: string): void {
    const clientId = guest ?? this.client.id;
    if (clientId === undefined) this.remember(known);
    else this.check(known, clientId, guest);
  }

  /** The client is known from now on. */
  identified(clientId: string): void {
    const early = this.early ?? [];
    this.early = undefined;
    for (const known of early) this.check(known, clientId, undefined);
  }

  private remember(known: KnownLogin): void {
    this.early ??= [];
    if (this.early.length < EARLY_USES) this.early.push(known);
  }

  private check(known: KnownLogin, clientId: string, guest: string | undefined): void {
    const { directory, totals } = this.books;
    if (!directory.isForeign(clientId, known)) return;
    totals.foreignAccount(clientId);
    this.usage.foreignAccount(known.worker, guest);
  }
}
