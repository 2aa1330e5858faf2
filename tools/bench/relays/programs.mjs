import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export function findProgram(name) {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return places.map((place) => join(place, name)).find((file) => existsSync(file));
}

/** Whether the program is there. One that is missing is installed on Debian, as root, with `install`; else named. */
export function ensureProgram(name, packages, { install, say }) {
  if (findProgram(name)) return true;
  if (install) {
    say(`installing ${packages.join(' ')}`);
    const options = ['install', '-y', '--no-install-recommends', ...packages];
    execFileSync('apt-get', options, { stdio: 'ignore' });
    if (findProgram(name)) return true;
  }
  say(`left out: ${name} (not installed; Debian: apt-get install ${packages.join(' ')}, or --install)`);
  return false;
}
