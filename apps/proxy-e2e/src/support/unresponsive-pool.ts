import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const PROGRAM = `
const server = require('node:net').createServer();
const [host, port] = process.argv.slice(1);
server.listen({ port: Number(port), host, backlog: 1 }, () => process.stdout.write(String(server.address().port)));
`;

/** More than a backlog of 1 holds on any system: the kernel ignores what comes after them. */
const FILLERS = 4;

export interface UnresponsivePool {
  readonly port: number;
  /** Lets it accept what waits. */
  wake(): void;
  stop(): Promise<void>;
}

/**
 * A pool whose machine takes no more connections and does not say so: a dial to it gets no answer at all.
 * Made of a process that is stopped behind a full backlog.
 */
export async function startUnresponsivePool({
  host = '127.0.0.1',
  port: wished = 0,
} = {}): Promise<UnresponsivePool> {
  const child = spawn(process.execPath, ['-e', PROGRAM, host, String(wished)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(text.toString());
  child.kill('SIGSTOP');
  const fillers: Socket[] = [];
  for (let i = 0; i < FILLERS; i += 1) {
    const filler = connect({ port, host });
    filler.on('error', () => filler.destroy());
    fillers.push(filler);
  }
  return {
    port,
    wake: () => void child.kill('SIGCONT'),
    stop: async () => {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}
