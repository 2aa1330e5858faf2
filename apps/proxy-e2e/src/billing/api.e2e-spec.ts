import {
  eventually,
  type HttpAnswer,
  httpGet,
  logIn,
  playPool,
  type ProxyProcess,
  submit,
} from '@mining-proxy/e2e-support';
import { BillingStage } from './support/billing-stage';
import { configFile } from './support/config-file';
import { readCsv } from './support/csv';
import { total, type LedgerRow } from './support/ledger-rows';

const TOKEN = 'the-admin-token-of-this-test';
const BEARER = { authorization: `Bearer ${TOKEN}` };
const MONTH = new Date().toISOString().slice(0, 7);
/** Miners choose their names; a spreadsheet runs what begins like these. */
const HOSTILE = ['=cmd()', '+1+1', '-2*3', '@SUM(A1)', 'a,"b"', '=HYPERLINK("http://x";"y")'];
const SHARES: Readonly<Record<string, number>> = {
  'acme.rig1': 3,
  'acme.rig2': 4,
  'beta.rig1': 5,
  ...Object.fromEntries(HOSTILE.map((name) => [`${name}.rig`, 1])),
};
const SHARES_IN_ALL = Object.values(SHARES).reduce((sum, shares) => sum + shares, 0);

/** Guards what operators and their customers read: over HTTP, from the ledger of a running proxy. */
describe('/billing', () => {
  const stage = new BillingStage();
  let proxy: ProxyProcess;

  beforeAll(async () => {
    const pool = await stage.rawPool({
      greets: (peer) => {
        playPool(peer);
        peer.socket.on('end', () => peer.end());
      },
    });
    const rates = {
      currency: 'EUR',
      decimals: 6,
      per_accepted_share: '0.1',
      per_terahash: '12.5',
      clients: { beta: { per_accepted_share: '0.2', per_month: '7' } },
    };
    const env = configFile(stage.directory(), {
      proxy: { pool_port: pool.port, admin_token: TOKEN },
      billing: { rates },
    });
    proxy = await stage.proxy({ poolPort: pool.port, env });
    for (const [worker, shares] of Object.entries(SHARES)) await mine(worker, shares);
    await proxy.atRest();
    await eventually(async () => expect(total(await rows('group_by='), 'submits')).toBe(SHARES_IN_ALL));
    await eventually(async () =>
      expect(total(await rows('group_by='), 'sessions')).toBe(Object.keys(SHARES).length),
    );
  }, 60_000);
  afterAll(() => stage.clear());

  async function mine(worker: string, shares: number): Promise<void> {
    const miner = await stage.miner(proxy);
    await logIn(miner, worker);
    for (let id = 10; id < 10 + shares; id++) miner.say(submit(id, worker));
    await miner.messageWith(9 + shares);
    miner.end();
    await miner.hungUpOn();
  }

  function ask(path: string, headers: Readonly<Record<string, string>> = BEARER): Promise<HttpAnswer> {
    return proxy.get(`/billing/${path}`, headers);
  }

  async function rows(question: string): Promise<readonly LedgerRow[]> {
    const answer = await ask(`usage?${question}`);
    if (answer.status !== 200) throw new Error(`${question}: ${answer.status} ${answer.body}`);
    return (JSON.parse(answer.body) as { rows: LedgerRow[] }).rows;
  }

  function close(month: string, headers: Readonly<Record<string, string>> = BEARER): Promise<HttpAnswer> {
    const path = `/billing/periods/${month}/close`;
    return httpGet({ port: proxy.httpPort, path, method: 'POST', headers });
  }

  it.each(['client', 'worker', 'pool', 'hour', 'day', 'month', 'client,worker', 'month,client,pool'])(
    'groups usage by %s, and loses none of it',
    async (grouping) => {
      const grouped = await rows(`group_by=${grouping}`);
      const names = grouping.split(',').map((name) => (name === 'client' ? 'client_id' : name));
      const keys = grouped.map((row) => names.map((name) => row[name]).join(' '));
      expect(new Set(keys).size).toBe(keys.length);
      expect(total(grouped, 'accepted')).toBe(SHARES_IN_ALL);
    },
  );

  it('gives one client and one time where these are asked for', async () => {
    const acme = await rows('client_id=acme&group_by=worker');
    expect(acme.map(({ worker, accepted }) => [worker, accepted])).toEqual([
      ['acme.rig1', '3'],
      ['acme.rig2', '4'],
    ]);
    expect(await rows('from=2020-01-01&to=2020-02-01&group_by=client')).toEqual([]);
    const year = new Date().getUTCFullYear();
    expect(total(await rows(`from=${year}-01-01&to=${year + 1}-01-01`), 'accepted')).toBe(SHARES_IN_ALL);
  });

  it('hands out a long answer in pages that leave nothing out and repeat nothing', async () => {
    const whole = await rows('group_by=client,worker');
    const paged: LedgerRow[] = [];
    let cursor = '';
    for (let page = 0; page <= whole.length; page++) {
      const { body } = await ask(`usage?group_by=client,worker&limit=2${cursor}`);
      const answer = JSON.parse(body) as { rows: LedgerRow[]; next_cursor: string | null };
      expect(answer.rows.length).toBeLessThanOrEqual(2);
      paged.push(...answer.rows);
      if (answer.next_cursor === null) break;
      cursor = `&cursor=${answer.next_cursor}`;
    }
    expect(paged).toEqual(whole);
  });

  it('is CSV that says the same, and that no spreadsheet runs', async () => {
    const whole = await rows('group_by=client,worker');
    // More rows than a page has: all of them come in one.
    const answer = await ask('usage?group_by=client,worker&format=csv&limit=2');
    expect(answer.headers['content-type']).toContain('text/csv');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="usage.csv"');
    const [head = [], ...body] = readCsv(answer.body);
    const told = body.map((cells) =>
      Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])),
    );
    expect(
      told.map((row) => ({ ...row, client_id: plain(row.client_id), worker: plain(row.worker) })),
    ).toEqual(whole);
    const formulas = body.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell));
    expect(formulas).toEqual([]);
    expect(whole.map(({ worker }) => worker)).toEqual(expect.arrayContaining(['=cmd().rig', 'a,"b".rig']));
  });

  it("states a client's month, with amounts that follow from the rates", async () => {
    const statement = JSON.parse((await ask(`statements/acme/${MONTH}`)).body) as Record<string, unknown>;
    // Seven shares of difficulty 1: 7 · 2^32 hashes.
    expect(statement).toMatchObject({
      client_id: 'acme',
      month: MONTH,
      closed: null,
      usage: { accepted: '7', rejected: '0', accepted_difficulty: '7', accepted_hashes: '30064771072' },
      reject_rate: '0.000000',
      amounts: {
        currency: 'EUR',
        lines: [
          { item: 'per_accepted_share', quantity: '7', rate: '0.1', amount: '0.700000' },
          { item: 'per_terahash', quantity: '0.03006477', rate: '12.5', amount: '0.375810' },
        ],
      },
      total: '1.075810',
    });
    const beta = JSON.parse((await ask(`statements/beta/${MONTH}`)).body) as Record<string, unknown>;
    // 5 · 0.2 + 5 · 2^32 · 12.5 / 10^12 + 7
    expect(beta.total).toBe('8.268435');
    const table = readCsv((await ask(`statements/acme/${MONTH}?format=csv`)).body);
    expect(table).toContainEqual(['total', '', '1.075810']);
    expect(table).toContainEqual(['accepted', '7', '']);
  });

  it('closes a month only for the token, never one that is not over, and once', async () => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
      expect((await close('2020-01', headers)).status).toBe(401);
    }
    const open = await close(MONTH);
    expect(open.status).toBe(409);
    expect(JSON.parse(open.body)).toMatchObject({ detail: expect.stringContaining('is not over') as string });
    const first = await close('2020-01');
    expect(first.status).toBe(200);
    expect(JSON.parse(first.body)).toMatchObject({ month: '2020-01', rows: 0, without: [] });
    expect((await close('2020-01')).body).toBe(first.body);
  });

  it.each(['usage', `statements/acme/${MONTH}`])('answers %s to nobody without the token', async (path) => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: TOKEN }]) {
      const answer = await ask(path, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.body).not.toContain(TOKEN);
    }
  });

  it.each([
    'usage?group_by=rig',
    'usage?from=yesterday',
    'usage?from=2026-11-01T05:30:00Z',
    'usage?limit=0',
    'usage?limit=10001',
    'usage?format=xml',
    'usage?cursor=e30',
    'usage?client=acme',
    'usage?client_id=a&client_id=b',
    "usage?from=2026-11-01';drop%20table%20usage--",
    'statements/acme/2026-13',
    'statements/acme/november',
    `statements/acme/${MONTH}?format=xml`,
  ])('says what is wrong with %s', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, detail: expect.any(String) as string });
    expect(answer.body).not.toMatch(/node_modules|\.js|sqlite|select/i);
  });
});

/** The name as it was before it was made harmless. */
function plain(cell = ''): string {
  return cell.replace(/^'(?=[=+\-@])/, '');
}
