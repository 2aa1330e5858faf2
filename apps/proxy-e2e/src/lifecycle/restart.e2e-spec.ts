import {
  eventually,
  type ProxyProcess,
  say,
  type SimulatedMiners,
  type SimulatedPool,
  until,
} from '@mining-proxy/e2e-support';
import { BillingStage } from '../billing/support/billing-stage';
import { rowsAtRest, total } from '../billing/support/ledger-rows';
import { BoundSocket } from './bound-socket';

const RIGS = 500;

/** Guards that a restart under load refuses nobody and loses no share. */
describe('a restart under 500 miners', () => {
  const stage = new BillingStage();
  let socket: BoundSocket;
  let pool: SimulatedPool;
  let miners: SimulatedMiners;

  beforeEach(async () => {
    socket = new BoundSocket();
    stage.removedBy(() => socket.close());
    pool = await stage.simulatedPool({ difficulty: 1e-7, 'job-interval-ms': 500 });
  });
  afterEach(() => stage.clear());

  const start = (dataDirectory: string): Promise<ProxyProcess> =>
    stage.proxy({
      poolPort: pool.port,
      listeners: [{ name: 'farm', bind_address: '127.0.0.1', bind_port: socket.port }],
      sockets: [{ name: 'farm', fd: socket.fd }],
      proxy: { max_connections: 2_000, drain_timeout_ms: 3_000, log_level: 'info', data_dir: dataDirectory },
    });
  const mine = () => {
    miners = stage.simulatedMiners(socket.port, {
      accounts: RIGS,
      'submits-per-second': 200,
      'reconnect-delay-ms': 100,
    });
  };
  const allMine = async () => {
    await eventually(async () => expect((await pool.tally()).open_connections).toBe(RIGS), 60_000);
    const { accepted } = await pool.tally();
    await until('shares are accepted', async () => (await pool.tally()).accepted >= accepted + 100);
  };

  it('refuses nobody: the port stays bound, and those who come meanwhile wait in its queue', async () => {
    const directory = stage.directory();
    let proxy = await start(directory);
    mine();
    await allMine();
    await proxy.end();
    proxy = await start(directory);
    await allMine();
    await agrees([proxy], [directory]);
  }, 120_000);

  it('refuses nobody: the new process serves beside the old one, which drains', async () => {
    const both = [stage.directory(), stage.directory()];
    const old = await start(both[0]!);
    mine();
    await allMine();
    const fresh = await start(both[1]!);
    await old.end();
    await allMine();
    await agrees([fresh], both);
  }, 120_000);

  /** Miners, pool and ledgers have the same, and no connection was refused. */
  async function agrees(running: readonly ProxyProcess[], dataDirectories: readonly string[]): Promise<void> {
    const seen = (await miners.stop()) as unknown as Record<string, number>;
    const { accepted } = await until('the pool has no connection', async () => {
      const tally = await pool.tally();
      return tally.open_connections === 0 && tally;
    });
    for (const proxy of running) await proxy.end();
    const booked: number[] = [];
    for (const dataDirectory of dataDirectories) {
      booked.push(total(await rowsAtRest({ dataDirectory }, 'client'), 'accepted'));
    }
    const lost = accepted - booked.reduce((sum, count) => sum + count, 0);
    expect({ lost, refused: seen.connect_failures, atMiners: seen.accepted }).toEqual({
      lost: 0,
      refused: 0,
      atMiners: accepted,
    });
    say(
      `figure | restart under ${RIGS} miners | ${accepted} shares accepted, ${booked.join(' + ')} in the ledgers, 0 refused`,
    );
  }
});
