/**
 * Makes the test of a worker pattern: `*` stands for any characters, none included, `?` for any one, and all
 * others for themselves. The whole name has to match. Capitals count, but not in a hexadecimal address (`0x…`) at the
 * beginning of both.
 *
 * Not a regular expression, and not the glob of file names: names come from strangers, and with several stars
 * both take seconds for a name made to keep them busy. This takes at most one step for each pair of a
 * character of the pattern and one of the name.
 */
export function workerPattern(pattern: string): (worker: string) => boolean {
  const asItIs = wholeMatch(pattern);
  if (!ADDRESS.test(pattern)) return asItIs;
  const small = wholeMatch(smallAddress(pattern));
  return (worker) => asItIs(worker) || small(smallAddress(worker));
}

/** Most names are nobody's that is asked for: they end at the plain beginning of the pattern. */
function wholeMatch(pattern: string): (name: string) => boolean {
  const wild = pattern.search(/[*?]/);
  if (wild === -1) return (name) => name === pattern;
  const beginning = pattern.slice(0, wild);
  const wanted = Array.from(pattern);
  return (name) => name.startsWith(beginning) && matches(wanted, Array.from(name));
}

/** With the wild characters of a pattern, so that these end no address. */
const ADDRESS = /^0x[0-9a-f*?]+/i;

function smallAddress(text: string): string {
  return text.replace(ADDRESS, (address) => address.toLowerCase());
}

function matches(pattern: readonly string[], name: readonly string[]): boolean {
  let at = 0;
  let star = -1;
  let starTook = 0;
  for (let index = 0; index < name.length;) {
    if (pattern[at] === '*') {
      star = at;
      starTook = index;
      at += 1;
    } else if (pattern[at] === '?' || pattern[at] === name[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      // The last star takes one character more; those before it need not be asked again.
      starTook += 1;
      index = starTook;
      at = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
