import type { Login } from '@mining-proxy/stratum-parser';

/** What a login says of who it is. */
export interface ReadLogin {
  /** Who is paid: may be empty. A hexadecimal address is in lower case, because its capitals mean nothing. */
  readonly account: string;
  /** The machine, account included, as it is shown and stored: without what may be a secret. */
  readonly worker: string;
}

/** Signs that part an e-mail address from a rig; the dot is none of them, an address has some of its own. */
const AROUND_MAIL = /[/+#]/;
const HEX_ADDRESS = /^0x[0-9a-f]+$/i;

/**
 * Reads a login. The account is what stands before the first of `separators`; only where the part before the first
 * `/`, `+` or `#` has an `@` in it, that whole part is the account. A `/` behind a rig brings an e-mail address or a
 * password of the payout (as nanopool has it): it and what follows is in no name.
 */
export function readLogin({ text, rig }: Login, separators: string): ReadLogin {
  const shown = withoutSecret(text);
  const end = accountEnd(shown, separators);
  const cut = shown.slice(0, end);
  const account = HEX_ADDRESS.test(cut) ? cut.toLowerCase() : cut;
  const name = account + shown.slice(end);
  return { account, worker: rig === null ? name : `${name}.${beforeSlash(rig)}` };
}

function accountEnd(text: string, separators: string): number {
  const mailEnd = text.search(AROUND_MAIL);
  const first = mailEnd === -1 ? text : text.slice(0, mailEnd);
  if (first.includes('@')) return first.length;
  for (let index = 0; index < text.length; index += 1) {
    if (separators.includes(text.charAt(index))) return index;
  }
  return text.length;
}

/**
 * A login up to the slash behind its rig, whatever separates accounts: in `wallet/rig` the first slash is before the
 * rig, in `wallet.rig/…` behind it. The dots of an e-mail address are no rig's.
 */
function withoutSecret(text: string): string {
  const slash = text.indexOf('/');
  if (slash === -1) return text;
  const [first = ''] = text.split(AROUND_MAIL, 1);
  const behindMail = text.slice(first.includes('@') ? first.length : 0, slash);
  if (/[.+#]/.test(behindMail)) return text.slice(0, slash);
  return `${text.slice(0, slash)}/${beforeSlash(text.slice(slash + 1))}`;
}

function beforeSlash(text: string): string {
  const slash = text.indexOf('/');
  return slash === -1 ? text : text.slice(0, slash);
}
