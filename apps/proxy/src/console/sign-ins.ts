import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** How long a sign-in lasts, however much it is used. */
const LASTS_MS = 12 * 3_600_000;
/** Sign-ins at a time; the oldest goes first. */
const MOST = 1_000;

const COOKIE = 'mining_proxy';

/** What a sign-in may do: all, or see one client. Ends where the token that it was made with does. */
export interface SignIn {
  readonly token: string;
  readonly endsAt: number;
}

/**
 * Browsers that have shown a token once. Kept by the digest of what is in their cookie; what they may do is asked of the
 * token each time, so that a token which is taken back takes them with it.
 */
export class SignIns {
  private readonly signIns = new Map<string, SignIn>();

  constructor(private readonly now: () => number = Date.now) {}

  /** The value of `Set-Cookie` for whoever has shown this token. */
  enter(token: string, isSecure: boolean): string {
    const secret = randomBytes(32).toString('base64url');
    this.signIns.set(digest(secret), { token, endsAt: this.now() + LASTS_MS });
    const [oldest = ''] = this.signIns.keys();
    if (this.signIns.size > MOST) this.signIns.delete(oldest);
    return cookie(secret, LASTS_MS / 1000, isSecure);
  }

  /** The token that the caller has signed in with; undefined where it has not, or too long ago. */
  tokenOf(headers: IncomingHttpHeaders): string | undefined {
    const secret = secretOf(headers);
    if (secret === undefined) return undefined;
    const key = digest(secret);
    const signIn = this.signIns.get(key);
    if (signIn === undefined || signIn.endsAt > this.now()) return signIn?.token;
    this.signIns.delete(key);
    return undefined;
  }

  /** Ends the caller's sign-in; the value of `Set-Cookie` that has its browser forget it. */
  leave(headers: IncomingHttpHeaders, isSecure: boolean): string {
    const secret = secretOf(headers);
    if (secret !== undefined) this.signIns.delete(digest(secret));
    return cookie('', 0, isSecure);
  }
}

function cookie(value: string, seconds: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`;
}

function secretOf({ cookie: text = '' }: IncomingHttpHeaders): string | undefined {
  for (const part of text.split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === COOKIE && value) return value;
  }
  return undefined;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
