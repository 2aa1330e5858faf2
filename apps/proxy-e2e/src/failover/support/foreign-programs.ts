import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, isAbsolute, join } from 'node:path';
import { until } from '@mining-proxy/e2e-support';

const PATH = [process.env.PATH ?? '', '/usr/sbin'].join(delimiter);

/** Why tests with these programs, or files by their whole path, cannot run; undefined where all of them are there. */
export function missing(packages: string, ...names: readonly string[]): string | undefined {
  const isThere = (name: string) =>
    isAbsolute(name)
      ? existsSync(name)
      : PATH.split(delimiter).some((directory) => existsSync(join(directory, name)));
  const absent = names.filter((name) => !isThere(name));
  return absent.length === 0
    ? undefined
    : `${absent.join(' and ')} not installed (apt-get install ${packages})`;
}

/** Programs that others wrote, as processes of a test. */
export class ForeignPrograms {
  private readonly children: ChildProcessWithoutNullStreams[] = [];

  run(program: string, ...args: readonly string[]): ChildProcessWithoutNullStreams {
    const child = spawn(program, args, { env: { PATH } });
    this.children.push(child);
    return child;
  }

  /** Runs one that listens on this port; resolves once it does. */
  async listening(port: number, program: string, ...args: readonly string[]): Promise<void> {
    const child = this.run(program, ...args);
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    await until(`${program} listens on ${port}`, async () => {
      if (child.exitCode !== null) throw new Error(`${program} has ended: ${said}`);
      return accepts(port);
    });
  }

  async end(): Promise<void> {
    for (const child of this.children.splice(0)) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    }
  }
}

/** Whether something listens there. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isUp = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return isUp;
}
