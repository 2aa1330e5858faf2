import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, output, root } from './commands.mjs';

/**
 * Builds and starts images without an engine and without a registry: buildah with a storage of its own, which
 * is gone after `close`. Nothing is ever pulled.
 */
export class Buildah {
  #storage;
  #containers = 0;

  constructor() {
    mkdirSync(cache, { recursive: true });
    this.#storage = mkdtempSync(join(cache, 'storage-'));
  }

  /** Makes an image of a directory that holds a root file system. */
  imageOf(directory, tag) {
    const container = this.#out('from', 'scratch');
    this.#out('add', '--quiet', container, directory, '/');
    this.#out('commit', '--quiet', '--format', 'docker', container, tag);
    this.#out('rm', container);
  }

  /** Builds docker/Dockerfile as `docker build` would. Each volume is `host:container` and there while it builds. */
  build({ tag, target, volumes = [] }) {
    this.#out(
      // Without this format the HEALTHCHECK is dropped.
      ...['bud', '--isolation', 'chroot', '--format', 'docker', '--pull-never', '--quiet'],
      ...volumes.flatMap((volume) => ['--volume', `${volume}:ro`]),
      ...(target ? ['--target', target] : []),
      ...['--tag', tag, '--file', 'docker/Dockerfile', '.'],
    );
  }

  /** What `docker inspect` calls Config. */
  configOf(tag) {
    return JSON.parse(this.#out('inspect', '--type', 'image', tag)).Docker.config;
  }

  /** A container of the image, not started, and the directory that its file system can be seen in. */
  container(tag) {
    const container = `check-${(this.#containers += 1)}`;
    this.#out('from', '--pull-never', '--name', container, tag);
    return { container, directory: this.#out('mount', container).trim() };
  }

  /** Starts a command in a container, as the image's user, in the host's network. */
  start(container, command, { env = {}, volumes = [] } = {}) {
    const args = [
      ...this.#global(),
      ...['run', '--isolation', 'chroot'],
      ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      ...volumes.flatMap((volume) => ['--volume', volume]),
      ...[container, '--', ...command],
    ];
    return spawn('buildah', args, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  close() {
    this.#out('rm', '--all');
    rmSync(this.#storage, { recursive: true, force: true });
  }

  #out(...args) {
    return output('buildah', [...this.#global(), ...args]).trim();
  }

  #global() {
    const [images, run] = ['images', 'run'].map((name) => join(this.#storage, name));
    return ['--storage-driver', 'vfs', '--root', images, '--runroot', run];
  }
}
