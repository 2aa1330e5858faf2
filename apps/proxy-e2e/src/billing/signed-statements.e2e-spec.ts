import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  eventually,
  logIn,
  playPool,
  Program,
  PROXY_MAIN,
  type ProxyProcess,
  submit,
} from '@mining-proxy/e2e-support';
import { BillingStage } from './support/billing-stage';
import { configFile } from './support/config-file';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Guards that a customer can tell an operator's statement from any other, also without this program. */
describe('a signed statement', () => {
  const stage = new BillingStage();
  const month = new Date().toISOString().slice(0, 7);
  let directory: string;
  let proxy: ProxyProcess;
  let env: Readonly<Record<string, string>>;

  beforeEach(async () => {
    directory = stage.directory();
    const pool = await stage.rawPool({ greets: (peer) => playPool(peer) });
    env = configFile(directory, {
      proxy: { pool_port: pool.port },
      billing: { signing_key_file: newKey('first.key') },
    });
    proxy = await stage.proxy({ poolPort: pool.port, env });
    const miner = await stage.miner(proxy);
    await logIn(miner, 'acme.rig1');
    for (let id = 3; id < 6; id += 1) miner.say(submit(id, 'acme.rig1'));
    await eventually(async () => expect((await statement()).usage).toMatchObject({ accepted: '3' }));
  });
  afterEach(() => stage.clear());

  function newKey(name: string): string {
    const file = join(directory, name);
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', file]);
    return file;
  }

  const file = (name: string, content: string | Buffer) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };

  async function statement() {
    return (await proxy.json(`/billing/statements/acme/${month}`)) as {
      usage: Record<string, string>;
      signature: { key_id: string; value: string };
    } & Record<string, Json>;
  }

  const publicKey = async () => file('key.pub', (await proxy.get('/billing/public-key')).body);

  async function run(...args: readonly string[]) {
    const program = Program.start(PROXY_MAIN, args, env);
    const { code } = await program.ended();
    return { code, stdout: program.stdout, stderr: program.stderr };
  }

  it('is verified by openssl over its canonical JSON', async () => {
    const { signature, ...document } = await statement();
    const [content, value] = [
      file('canonical.json', canonical(document)),
      file('signature.bin', Buffer.from(signature.value, 'base64')),
    ];
    const said = execFileSync('openssl', [
      ...['pkeyutl', '-verify', '-pubin', '-inkey', await publicKey()],
      ...['-rawin', '-in', content, '-sigfile', value],
    ]);
    expect(said.toString()).toContain('Signature Verified Successfully');
  });

  it('is verified by the command, which finds one digit changed and names another key', async () => {
    const signed = await statement();
    const key = await publicKey();
    const verify = (document: object) =>
      run('verify-statement', file('it.json', JSON.stringify(document)), '--public-key', key);
    expect(await verify(signed)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        `acme, ${month}: unchanged since it was signed with key ${signed.signature.key_id}`,
      ) as string,
    });
    const better = { ...signed, usage: { ...signed.usage, accepted: '4' } };
    expect(await verify(better)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('changed') as string,
    });
    const other = { ...signed, signature: { ...signed.signature, key_id: '0123456789abcdef' } };
    expect(await verify(other)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('signed with key 0123456789abcdef') as string,
    });
    expect(await run('verify-statement', '/nowhere.json', '--public-key', key)).toMatchObject({
      code: 64,
      stderr: '/nowhere.json cannot be read: ENOENT\n',
    });
  });

  it('is the same from the command line as from the proxy', async () => {
    const ours = await statement();
    const printed = (await run('statement', 'acme', month)).stdout;
    const theirs = JSON.parse(printed) as typeof ours;
    expect(theirs.signature.key_id).toBe(ours.signature.key_id);
    expect(theirs.usage).toMatchObject({ accepted: '3' });
    const key = await publicKey();
    expect(await run('verify-statement', file('printed.json', printed), '--public-key', key)).toMatchObject({
      code: 0,
    });
  });

  it('names the new key after a reload with another one, and the old key still verifies what it signed', async () => {
    const [old, oldKey] = [await statement(), await publicKey()];
    newKey('first.key');
    proxy.program.signal('SIGHUP');
    await eventually(async () => expect((await statement()).signature.key_id).not.toBe(old.signature.key_id));
    expect(
      await run('verify-statement', file('old.json', JSON.stringify(old)), '--public-key', oldKey),
    ).toMatchObject({ code: 0 });
    const fresh = await statement();
    expect(
      await run('verify-statement', file('new.json', JSON.stringify(fresh)), '--public-key', oldKey),
    ).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`signed with key ${fresh.signature.key_id}`) as string,
    });
  });
});

/** RFC 8785 for what has no fractions: members sorted by their names, no blanks. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value as Record<string, Json>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
