import { readFileSync } from 'node:fs';

/** The file descriptors that this process may have open (`ulimit -n`); undefined where the system does not tell. */
export function descriptorLimit(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    // No /proc, no figure: the operating system refuses when it has to.
    return undefined;
  }
}
