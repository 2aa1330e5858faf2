import type { Login } from '../events/requests';

/** Names that a session remembers; one connection of a farm proxy carries many. */
const MAX_WORKERS = 1000;

/** One login of a session, or a name that only submits. */
export interface WorkerLogin {
  readonly login: Login;
  /** The whole name: what it logged in with, and its rig behind a dot where that came apart. */
  readonly worker: string;
  state: 'named' | 'asked' | 'authorized' | 'refused';
}

/** A login that says nothing. */
export const EMPTY_LOGIN: Login = { text: '', rig: null };

/** Who logged in on a session. Names are untrusted and bounded in number. */
export class WorkerLogins {
  private first: WorkerLogin | undefined;
  /** Only where there are several: nearly all sessions have one worker. */
  private others: Map<string, WorkerLogin> | undefined;
  /** Those that submit without having logged in, and logins beyond the bound. */
  private strangers: Map<string, WorkerLogin> | undefined;
  private lastAsked: WorkerLogin | undefined;
  private lastAuthorized: WorkerLogin | undefined;
  /** The name that the pool gave last. */
  lastToken: string | undefined = undefined;
  /** What pools call a login by, where they do. */
  private tokens: Map<string, WorkerLogin> | undefined;

  /** Notes a login attempt. One that asks again keeps the state it has until it is answered. */
  ask(text: string, rig: string | null): WorkerLogin {
    const login = this.find(text, rig) ?? this.remember(text, rig);
    if (login.state === 'named') login.state = 'asked';
    this.lastAsked = login;
    return login;
  }

  answer(login: WorkerLogin, authorized: boolean): void {
    login.state = authorized ? 'authorized' : 'refused';
    if (authorized) this.lastAuthorized = login;
  }

  find(text: string, rig: string | null = null): WorkerLogin | undefined {
    if (this.first !== undefined && isOf(this.first, text, rig)) return this.first;
    const login = this.others?.get(keyOf(text, rig));
    return login !== undefined && isOf(login, text, rig) ? login : undefined;
  }

  /** Who submits by this name, whether or not it has logged in. */
  named(text: string, rig: string | null = null): WorkerLogin {
    return this.find(text, rig) ?? this.stranger(text, rig);
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

  /** Who logged in by this name, or is called so by the pool. */
  known(name: string): WorkerLogin | undefined {
    return this.find(name) ?? this.findByToken(name);
  }

  /** Whom a submit belongs to that names nobody: the last login that the pool let in, else that asked. */
  get last(): WorkerLogin | undefined {
    return this.lastAuthorized ?? this.lastAsked;
  }

  /** All that tried to log in, in order. */
  get asked(): readonly WorkerLogin[] {
    return this.first === undefined ? [] : [this.first, ...(this.others?.values() ?? [])];
  }

  private remember(text: string, rig: string | null): WorkerLogin {
    if (this.others?.size === MAX_WORKERS - 1) return this.stranger(text, rig);
    const key = keyOf(text, rig);
    const login = this.findStranger(key, text, rig) ?? newLogin(text, rig);
    this.strangers?.delete(key);
    if (this.first === undefined) this.first = login;
    else (this.others ??= new Map()).set(key, login);
    return login;
  }

  private stranger(text: string, rig: string | null): WorkerLogin {
    const key = keyOf(text, rig);
    const known = this.findStranger(key, text, rig);
    if (known !== undefined) return known;
    const login = newLogin(text, rig);
    this.strangers ??= new Map();
    if (this.strangers.size < MAX_WORKERS) this.strangers.set(key, login);
    return login;
  }

  private findStranger(key: string, text: string, rig: string | null): WorkerLogin | undefined {
    const known = this.strangers?.get(key);
    return known !== undefined && isOf(known, text, rig) ? known : undefined;
  }
}

function newLogin(text: string, rig: string | null): WorkerLogin {
  return { login: { text, rig }, worker: rig === null ? text : `${text}.${rig}`, state: 'named' };
}

function isOf({ login }: WorkerLogin, text: string, rig: string | null): boolean {
  return login.text === text && login.rig === rig;
}

/** Both may have any characters in them: whoever finds something by it looks again. */
function keyOf(text: string, rig: string | null): string {
  return rig === null ? text : `${text}\n${rig}`;
}
