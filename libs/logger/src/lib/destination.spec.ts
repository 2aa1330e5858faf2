import { transformFileSync } from '@swc/core';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Runs `script` in a process of its own, because standard output and exits are what this is about. */
function run(script: string): ChildProcessByStdio<null, Readable, Readable> {
  const program = `
    const modules = { './line-output': {} };
    const load = (name) => modules[name] ?? require(name);
    (function (exports, require) { ${compiled('line-output.ts')} })(modules['./line-output'], load);
    const own = {};
    (function (exports, require) { ${compiled('destination.ts')} })(own, load);
    const output = own.standardOutput();
    ${script}`;
  return spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'pipe'] });
}

function compiled(file: string): string {
  const { code } = transformFileSync(join(__dirname, file), {
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  return code;
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk as string;
  return text;
}

const WRITE_2_MB = `for (let i = 0; i < 2000; i += 1) output.write('x'.repeat(1000) + '\\n');`;

describe('standardOutput', () => {
  it.each([
    ['exits', 'process.exit(0);'],
    ['ends by an exception', 'throw new Error("uncaught");'],
  ])('has written every line when the process %s', async (_, ending) => {
    const child = run(`for (let i = 0; i < 500; i += 1) output.write('line ' + i + '\\n');\n${ending}`);

    const lines = (await textOf(child.stdout)).trim().split('\n');

    expect(lines).toEqual(Array.from({ length: 500 }, (_line, index) => `line ${index}`));
  });

  it('does not hold up the event loop while nobody reads', async () => {
    const child = run(`${WRITE_2_MB}\nsetImmediate(() => process.stderr.write('alive'));`);

    const [chunk] = (await once(child.stderr, 'data')) as [Buffer];

    expect(chunk.toString()).toBe('alive');
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('ends in time though nobody reads', async () => {
    const child = run(`${WRITE_2_MB}\nprocess.exit(0);`);

    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('drops lines rather than keep more than 4 MiB of them', async () => {
    const child = run(
      `${WRITE_2_MB.repeat(3)}\nsetInterval(() => {}, 1000).unref(); process.stderr.write('alive');`,
    );
    await once(child.stderr, 'data');

    const text = await textOf(child.stdout);

    expect(text.length).toBeGreaterThan(4_000_000);
    expect(text.length).toBeLessThan(5_000_000);
  });
});
