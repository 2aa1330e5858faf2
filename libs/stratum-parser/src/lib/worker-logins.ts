import { accountOf } from './text';

/** Names that a session remembers; one connection of a farm proxy carries many. */
const MAX_WORKERS = 1000;

/** One name that tried to log in on this session. */
export interface WorkerLogin {
  readonly name: string;
  readonly account: string;
  /** The name without its rig, where the dialect gives the two apart. */
  readonly base: string;
  state: 'asked' | 'authorized' | 'refused';
}

/** Who logged in on a session. Names are untrusted and bounded in number. */
export class WorkerLogins {
  private first: WorkerLogin | undefined;
  /** Only where there are several: nearly all sessions have one worker. */
  private others: Map<string, WorkerLogin> | undefined;
  private lastAsked: WorkerLogin | undefined;
  private lastAuthorized: WorkerLogin | undefined;
  /** The name that the pool gave last. */
  lastToken: string | undefined = undefined;
  /** What pools call a login by, where they do. */
  private tokens: Map<string, WorkerLogin> | undefined;

  /** Notes a login attempt. A name that asks again keeps the state it has until it is answered. */
  ask(name: string, base = name): WorkerLogin {
    const login = this.find(name) ?? this.remember({ name, account: accountOf(name), base, state: 'asked' });
    this.lastAsked = login;
    return login;
  }

  answer(login: WorkerLogin, authorized: boolean): void {
    login.state = authorized ? 'authorized' : 'refused';
    if (authorized) this.lastAuthorized = login;
  }

  find(name: string): WorkerLogin | undefined {
    return this.first?.name === name ? this.first : this.others?.get(name);
  }

  /** The pool gave a login a name of its own, which later submits carry. */
  nameByToken(token: string, login: WorkerLogin): void {
    this.lastToken = token;
    this.tokens ??= new Map();
    if (this.tokens.size < MAX_WORKERS || this.tokens.has(token)) this.tokens.set(token, login);
  }

  findByToken(token: string): WorkerLogin | undefined {
    return this.tokens?.get(token);
  }

  /** Whom a submit belongs to that names nobody: the last login that the pool let in, else that asked. */
  get last(): WorkerLogin | undefined {
    return this.lastAuthorized ?? this.lastAsked;
  }

  get names(): readonly string[] {
    return this.first === undefined ? [] : [this.first.name, ...(this.others?.keys() ?? [])];
  }

  private remember(login: WorkerLogin): WorkerLogin {
    if (this.first === undefined) this.first = login;
    else if ((this.others ??= new Map()).size < MAX_WORKERS - 1) this.others.set(login.name, login);
    return login;
  }
}
