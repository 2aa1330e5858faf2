import { isLogLevel, LOG_LEVELS } from '@mining-proxy/logger';
import { ALGORITHMS } from '@mining-proxy/stratum-parser';
import { IsIn } from 'class-validator';
import { check, type Rule } from './rule';

const LONGEST_NAME = 128;
const SHORTEST_TOKEN = 16;

/** What metrics call the clients that are none. */
const RESERVED_CLIENT_IDS: readonly unknown[] = ['unassigned', 'overflow'];

/** What a client is called whose name a miner chose, where it would be one of the operator's. */
const LOGIN_PREFIX = 'login:';

/** One of a few words. */
export function OneOf(words: readonly (string | null)[]): PropertyDecorator {
  return IsIn(words, { message: `must be one of ${words.map(String).join(', ')}` });
}

/** An algorithm whose unit of difficulty is known. */
export const Algorithm = () =>
  check('algorithm', (value) =>
    typeof value === 'string' && ALGORITHMS.includes(value)
      ? undefined
      : 'must be an algorithm in lower case, as `sha256d` or `scrypt`; docs/PROTOCOL.md lists them',
  );

/** The same, or null where another key says it. */
export const OptionalAlgorithm = () =>
  check('algorithm', (value) =>
    value === null || (typeof value === 'string' && ALGORITHMS.includes(value))
      ? undefined
      : 'must be an algorithm in lower case, as `sha256d` or `scrypt`, or null; docs/PROTOCOL.md lists them',
  );

export const Level = () =>
  check('level', (value) => (isLogLevel(value) ? undefined : `must be one of ${LOG_LEVELS.join(', ')}`));

export const Switch = () =>
  check('switch', (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'));

/** Node 22.12 has SO_REUSEPORT; before, it would be ignored, and the second process would not start. */
export const ReusePort = () =>
  check('reusePort', (value) => {
    if (value === false) return undefined;
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (value !== true) return 'must be true or false';
    if (major > 22 || (major === 22 && minor >= 12)) return undefined;
    return `must be false on Node ${process.versions.node}: it needs Node 22.12 or later, or sockets that systemd hands over`;
  });

/** A secret that callers present; null where there is none. */
export const Token = () =>
  check('token', (value) => {
    if (
      value === null ||
      (typeof value === 'string' && value.length >= SHORTEST_TOKEN && /^[\x21-\x7e]+$/.test(value))
    ) {
      return undefined;
    }
    return `must be at least ${SHORTEST_TOKEN} printable ASCII characters without white space, or null`;
  });

export const Directory = () =>
  check('directory', (value) =>
    typeof value === 'string' && value !== '' && !value.includes('\0')
      ? undefined
      : 'must be the path of a directory',
  );

export const Name = () => check('name', name);

export const OptionalName = () =>
  check('name', (value, siblings) => (value === null ? undefined : name(value, siblings)));

export const ClientId = () => check('clientId', clientId);

export const OptionalClientId = () =>
  check('clientId', (value, siblings) => (value === null ? undefined : clientId(value, siblings)));

const clientId: Rule = (value, siblings) =>
  RESERVED_CLIENT_IDS.includes(value)
    ? 'must not be `unassigned` or `overflow`: metrics use these words for sessions without a client'
    : typeof value === 'string' && value.startsWith(LOGIN_PREFIX)
      ? 'must not begin with `login:`: so do clients that are named by a login'
      : name(value, siblings);

/** Signs, each of which ends the account in a login. */
export const Separators = () =>
  check('separators', (value) =>
    typeof value === 'string' && /^[!-/:-@[-`{-~]{0,16}$/.test(value) && !value.includes('@')
      ? undefined
      : 'must be up to 16 ASCII punctuation characters, without `@`',
  );

/** Text that people and metrics can tell apart by its looks. */
export const name: Rule = (value) => {
  const right =
    typeof value === 'string' && value.length <= LONGEST_NAME && /^(?!\s)\P{C}+(?<!\s)$/u.test(value);
  return right
    ? undefined
    : `must be text of 1 to ${LONGEST_NAME} characters, without spaces around it or control characters`;
};
