import { spawn } from 'node:child_process';
import { root } from './commands.mjs';

/**
 * Mounts as `docker run --read-only` does, then becomes the program: process 1, for which SIGTERM does nothing unless it
 * asks for it, as the image's user, with no place to write to but the volume.
 */
const MOUNT_AND_RUN = `set -e
mount --bind "$1" "$1"
mount --bind "$2" "$1$3"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -o remount,bind,ro "$1"
user="$4"
cd "$1"
directory="$1"
shift 4
exec chroot --userspec="$user" "$directory" "$@"`;

/** Starts what the image starts, in its root file system `directory`, in the host's network. */
export function startAsProcessOne({ directory, config, env, data, volume }) {
  const all = [...config.Env, ...Object.entries(env).map(([key, value]) => `${key}=${value}`)];
  const command = [
    'env',
    '--ignore-environment',
    `--chdir=${config.WorkingDir}`,
    ...all,
    ...config.Entrypoint,
  ];
  const script = ['sh', '-c', MOUNT_AND_RUN, 'sh', directory, data, volume, config.User, ...command];
  const apart = ['--pid', '--mount', '--fork', '--kill-child', '--'];
  return spawn('unshare', [...apart, ...script], { cwd: root, stdio: 'pipe' });
}
