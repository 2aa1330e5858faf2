import { readLogin } from '../identity/read-login';
import type { Level } from './pool-credits';

/** How names of a pool's file and of the ledger meet. */
export interface NameMatch {
  /** The name that a worker of the ledger counts for; undefined where it is of another account than was asked for. */
  readonly ledgerName: (worker: string) => string | undefined;
  /** The ledger's name for one of the file; undefined where there is none. */
  matchOf(fileName: string): string | undefined;
  /** The workers that a name of the file could be, where that is more than one. */
  candidatesFor(fileName: string): readonly string[];
}

export interface Naming {
  readonly level: Level;
  /** `identity.separators` of the configuration. */
  readonly separators: string;
  /** Only workers of this account, where given. */
  readonly account?: string | undefined;
}

/** The name of all that is there, where a file names nobody. */
export const EVERYBODY = 'all';

/**
 * Matches by the whole name; where there is none such, regardless of capitals and of the sign behind the account; then by the
 * part behind the account, where one worker alone has it.
 */
export function matchNames(workers: readonly string[], naming: Naming): NameMatch {
  const ledgerName = (worker: string) => nameOf(worker, naming);
  const names = new Set(workers.map(ledgerName).filter((name) => name !== undefined));
  const [folded, rigs] = [new Map<string, string[]>(), new Map<string, string[]>()];
  if (naming.level === 'worker') {
    for (const name of names) {
      const { account, rig } = partsOf(name, naming.separators);
      list(folded, foldedOf(account, rig)).push(name);
      if (rig !== '') list(rigs, rig.toLowerCase()).push(name);
    }
  } else {
    for (const name of names) list(folded, foldedOf(name, '')).push(name);
  }
  const candidatesFor = (fileName: string): readonly string[] => {
    if (names.has(fileName)) return [fileName];
    const { account, rig } =
      naming.level === 'worker' ? partsOf(fileName, naming.separators) : { account: fileName, rig: '' };
    return folded.get(foldedOf(account, rig)) ?? rigs.get(fileName.toLowerCase()) ?? [];
  };
  return {
    ledgerName,
    candidatesFor,
    matchOf(fileName) {
      if (naming.level === 'all') return EVERYBODY;
      const candidates = candidatesFor(fileName);
      return candidates.length === 1 ? candidates[0] : undefined;
    },
  };
}

function nameOf(worker: string, { level, separators, account: wanted }: Naming): string | undefined {
  const { account } = partsOf(worker, separators);
  if (wanted !== undefined && account.toLowerCase() !== wanted.toLowerCase()) return undefined;
  switch (level) {
    case 'worker':
      return worker;
    case 'account':
      return account;
    case 'all':
      return EVERYBODY;
  }
}

function partsOf(worker: string, separators: string): { readonly account: string; readonly rig: string } {
  const { account } = readLogin({ text: worker, rig: null }, separators);
  return { account, rig: worker.slice(account.length + 1) };
}

function foldedOf(account: string, rig: string): string {
  return JSON.stringify([account.toLowerCase(), rig.toLowerCase()]);
}

function list(map: Map<string, string[]>, key: string): string[] {
  let entries = map.get(key);
  if (!entries) map.set(key, (entries = []));
  return entries;
}
