import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { seededRandom } from '../random';
import { Link, WRITE_CHUNKINGS, type LinkHandler, type LinkOptions } from './link';

class Recorder implements LinkHandler {
  readonly lines: string[] = [];
  oversizes = 0;
  over: (failed: boolean) => void = () => undefined;
  readonly whenOver = new Promise<boolean>((resolve) => (this.over = resolve));
  whenEnded: () => void = () => undefined;

  line(bytes: Buffer, start: number, end: number): void {
    this.lines.push(bytes.toString('utf8', start, end));
  }
  oversize(): void {
    this.oversizes += 1;
  }
  ended(): void {
    this.whenEnded();
  }
  closed(failed: boolean): void {
    this.over(failed);
  }
}

const OPTIONS: LinkOptions = { chunking: 'whole', maxLineBytes: 1000, random: seededRandom(3) };

async function pair(left: Partial<LinkOptions> = {}, right: Partial<LinkOptions> = {}) {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [
    [Socket],
    [],
  ];
  server.close();
  const heard = { left: new Recorder(), right: new Recorder() };
  const links = {
    left: new Link(socket, { ...OPTIONS, ...left }, heard.left),
    right: new Link(accepted, { ...OPTIONS, ...right }, heard.right),
  };
  links.left.start();
  links.right.start();
  return { links, heard };
}

describe('Link', () => {
  it.each(WRITE_CHUNKINGS)('delivers the same lines when writes are cut as %s', async (chunking) => {
    const { links, heard } = await pair({ chunking });
    const lines = ['{"id":1}', 'grüße', '', 'x'.repeat(700)];
    for (const line of lines) links.left.write(`${line}\n`);
    heard.right.whenEnded = () => links.right.end();
    links.left.end();
    await heard.left.whenOver;
    expect(heard.right.lines).toEqual(lines);
    expect(links.right.bytesReceived).toBe(links.left.bytesSent);
    expect(links.left.bytesSent).toBe(Buffer.byteLength(lines.join('\n')) + 1);
    expect(links.left.bytesUnsent).toBe(0);
  });

  it('still hears the other side after its own end', async () => {
    const { links, heard } = await pair();
    heard.right.whenEnded = () => {
      links.right.write('last words\n');
      links.right.end();
    };
    links.left.end();
    expect(links.left.write('too late\n')).toBe(false);
    expect(await heard.left.whenOver).toBe(false);
    expect(heard.left.lines).toEqual(['last words']);
    expect(links.left.bytesSent).toBe(0);
  });

  it('tells a reset from an end', async () => {
    const { links, heard } = await pair();
    links.left.reset();
    expect(await heard.right.whenOver).toBe(true);
    expect(links.right.write('nobody\n')).toBe(false);
  });

  it('reports a line that is too long and goes on with the next', async () => {
    const { links, heard } = await pair();
    links.left.write(`${'y'.repeat(5000)}\nshort\n`);
    heard.right.whenEnded = () => links.right.end();
    links.left.end();
    await heard.left.whenOver;
    expect(heard.right.oversizes).toBe(1);
    expect(heard.right.lines).toEqual(['short']);
  });

  it('counts what the other side never took as unsent', async () => {
    const { links, heard } = await pair();
    links.right.pause();
    const block = Buffer.alloc(2 ** 20, 0x61);
    for (let n = 0; n < 16; n += 1) links.left.write(block);
    links.left.reset();
    await heard.left.whenOver;
    expect(links.left.bytesSent).toBe(16 * block.length);
    expect(links.left.bytesUnsent).toBeGreaterThan(0);
    links.right.destroy();
    await heard.right.whenOver;
  });

  it.each(['whole', 'split'] as const)('calls back when a backlog of %s writes is gone', async (chunking) => {
    const { links, heard } = await pair({ chunking });
    for (let n = 0; n < 200; n += 1) links.left.write('z'.repeat(999) + '\n');
    await new Promise<void>((resolve) => links.left.onceDrained(resolve));
    expect(links.left.backlogBytes).toBeLessThan(200_000);
    links.left.reset();
    links.right.destroy();
    await Promise.all([heard.left.whenOver, heard.right.whenOver]);
  });
});
