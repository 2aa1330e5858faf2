/** The key that `typed` was probably meant to be, if there is one. */
export function nearestKey(typed: string, keys: readonly string[]): string | undefined {
  const wanted = plain(typed);
  let nearest: string | undefined;
  let shortest = Math.max(1, Math.floor(wanted.length / 4)) + 1;
  for (const key of keys) {
    const distance = editDistance(wanted, plain(key));
    if (distance < shortest) [nearest, shortest] = [key, distance];
  }
  return nearest;
}

/** `bindPort`, `BIND_PORT` and `bind-port` are spellings of `bind_port`, not other words. */
function plain(key: string): string {
  return key
    .slice(0, 64)
    .replace(/[-_\s]/g, '')
    .toLowerCase();
}

/** Levenshtein's distance: how many letters to add, drop or change. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const changed = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(changed, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
