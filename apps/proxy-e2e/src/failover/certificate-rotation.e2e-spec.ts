import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import {
  answer,
  BUSY_MACHINE_MS,
  connectMiner,
  logIn,
  playPool,
  RawPeer,
  submit,
  until,
} from '@mining-proxy/e2e-support';
import { certificate, fingerprintOf, type KeyPair } from '@mining-proxy/relay/testing';
import { BillingStage } from '../billing/support/billing-stage';

/** By docs/POOLS.md. */
const TAKEN_OVER_MS = 30_000;

/** Guards that a Secret that changes reaches running pods, and costs no miner its session. */
describe('a certificate that the kubelet swaps', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  it('holds for new connections within 30 seconds, while sessions go on', async () => {
    const [before, after] = [await certificate({ validDays: 5 }), await certificate({ validDays: 40 })];
    const volume = new SecretVolume(stage.directory());
    volume.update('first', before);
    const pool = await stage.rawPool({ greets: (peer) => playPool(peer) });
    const proxy = await stage.proxy({
      poolPort: pool.port,
      listeners: [{ name: 'tls', bind_address: '127.0.0.1', bind_port: 0, tls: volume.files }],
    });
    const miner = await dial(proxy.minerPort);
    expect(miner.fingerprint).toBe(fingerprintOf(before));
    await logIn(miner.peer, 'acme.rig1');

    volume.update('second', after);
    const log = 'a new certificate holds for new connections';
    await until(log, () => proxy.logsOf(log)[0], TAKEN_OVER_MS + BUSY_MACHINE_MS);
    const next = await dial(proxy.minerPort);
    expect(next.fingerprint).toBe(fingerprintOf(after));
    await logIn(next.peer, 'acme.rig2');

    miner.peer.say(submit(3, 'acme.rig1'));
    expect(await miner.peer.messageWith(3)).toEqual(answer(3, true));
    const page = await proxy.metrics();
    expect(page.value('stratum_active_connections')).toBe(2);
    const days =
      page.value('stratum_certificate_expiry_timestamp_seconds') / 86_400 - Date.now() / 86_400_000;
    expect(days).toBeGreaterThan(39);
    expect(proxy.logs.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    for (const { peer } of [miner, next]) peer.destroy();
  }, 90_000);

  /** A miner that takes any certificate, and which one it got. */
  async function dial(port: number): Promise<{ peer: RawPeer; fingerprint: string }> {
    const raw = await connectMiner(port, { reads: false });
    const socket = connect({ socket: raw.socket, rejectUnauthorized: false });
    const secured = await new Promise<TLSSocket>((resolve, reject) => {
      socket.once('secureConnect', () => resolve(socket)).once('error', reject);
    });
    return { peer: new RawPeer(secured).read(), fingerprint: secured.getPeerCertificate().fingerprint256 };
  }
});

/** A Secret as the kubelet mounts it: its files point through `..data`, which is swapped in one step. */
class SecretVolume {
  private current: string | undefined;

  constructor(private readonly path: string) {}

  get files(): { readonly cert_file: string; readonly key_file: string } {
    return { cert_file: join(this.path, 'tls.crt'), key_file: join(this.path, 'tls.key') };
  }

  update(name: string, { cert, key }: KeyPair): void {
    const directory = `..${name}`;
    mkdirSync(join(this.path, directory));
    writeFileSync(join(this.path, directory, 'tls.crt'), cert);
    writeFileSync(join(this.path, directory, 'tls.key'), key);
    symlinkSync(directory, join(this.path, '..data_tmp'));
    renameSync(join(this.path, '..data_tmp'), join(this.path, '..data'));
    if (this.current === undefined) {
      for (const file of ['tls.crt', 'tls.key']) symlinkSync(join('..data', file), join(this.path, file));
    } else rmSync(join(this.path, this.current), { recursive: true });
    this.current = directory;
  }
}
