import type { Login } from '@mining-proxy/stratum-parser';
import type { ClientDirectory, KnownLogin } from './client-directory';

/** Reads the logins of one session, each once: nearly all shares are of the login that the last one was of. */
export class SessionLogins {
  private last: KnownLogin | undefined;
  /** Only where there are several. */
  private others: WeakMap<Login, KnownLogin> | undefined;

  private directory: ClientDirectory;

  constructor(private readonly books: { readonly directory: ClientDirectory }) {
    this.directory = books.directory;
  }

  read(login: Login): KnownLogin {
    if (this.directory !== this.books.directory) this.forget();
    if (this.last?.login === login) return this.last;
    const known = this.others?.get(login) ?? this.directory.read(login);
    if (this.last !== undefined) (this.others ??= new WeakMap()).set(this.last.login, this.last);
    this.last = known;
    return known;
  }

  /** Another configuration may have something else to say of them. */
  private forget(): void {
    this.directory = this.books.directory;
    this.last = undefined;
    this.others = undefined;
  }
}
