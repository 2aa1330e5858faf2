import { bearer } from './testing/ask';
import { RunningProxy } from './testing/running-proxy';
import { ADMIN_TOKEN, METRICS_TOKEN } from './testing/test-config';
import { TestLog } from './testing/test-log';

const PASSWORD = 'hunter2-of-the-miner';
const VIEW_TOKEN = 'view-secret-of-acme-0123';
const SECRETS = [ADMIN_TOKEN, METRICS_TOKEN, VIEW_TOKEN, PASSWORD];
const PATHS = [
  '/healthz',
  '/readyz',
  '/status',
  '/metrics',
  '/sessions',
  '/sessions/refused',
  '/pools',
  '/billing/usage',
  '/docs',
  '/docs/openapi.json',
  '/nowhere',
];

const log = new TestLog();
let proxy: RunningProxy;

const ACME = {
  ...{
    clientId: 'acme',
    viewToken: VIEW_TOKEN,
    sourceCidrs: [],
    workers: ['acme.*'],
    accounts: [],
    payoutAddresses: [],
  },
  ...{ name: null, maxConnections: 0, connectRatePerS: 0, suspended: false },
};

async function minerLogsIn(): Promise<void> {
  const { miner, upstream } = await proxy.session();
  const lines = [
    `{"id":1,"method":"mining.authorize","params":["acme.rig","${PASSWORD}"]}`,
    `{"id":1,"method":"mining.authorize","params":["","${PASSWORD}"]}`,
    `{"id":1,"method":"mining.authorize","params":["acme.rig","${PASSWORD}"`,
    `{"id":2,"method":"mining.submit","params":["acme.rig","j","","",""]}`,
  ];
  const said = `${lines.join('\n')}\n`;
  miner.write(said);
  await upstream.receives(said.length);
  const answers = '{"id":1,"result":null,"error":[24,"Unauthorized worker",null]}\n{"id":2,"result":true}\n';
  upstream.write(answers);
  await miner.receives(answers.length);
  const closed = proxy.sessionsClose();
  miner.reset();
  await closed;
}

it('passwords and tokens are in no answer and in no line of the log, at level trace', async () => {
  proxy = await RunningProxy.start(
    log,
    {
      adminToken: ADMIN_TOKEN,
      metricsToken: METRICS_TOKEN,
      logLevel: 'trace',
    },
    { clients: [ACME] },
  );
  await minerLogsIn();
  proxy.reloading.load = () => ({ ...proxy.config, clients: [{ ...ACME, suspended: true }] });
  await proxy.ask('/reload', { ...bearer(ADMIN_TOKEN), method: 'POST' });
  const answers: string[] = [];
  for (const path of PATHS) {
    for (const token of [ADMIN_TOKEN, METRICS_TOKEN, VIEW_TOKEN, 'wrong']) {
      for (const asked of [path, `${path}?token=${token}`, `${path}?client_id=${token}&limit=${token}`]) {
        const { text, headers } = await proxy.ask(asked, bearer(token));
        answers.push(text, JSON.stringify(headers));
      }
    }
  }
  await proxy.stop();

  expect(log.lines.map(({ msg }) => msg)).toEqual(
    expect.arrayContaining(['session opened', 'session closed']),
  );
  for (const secret of SECRETS) {
    expect(log.written.filter((line) => line.includes(secret))).toEqual([]);
    expect(answers.filter((answer) => answer.includes(secret))).toEqual([]);
  }
});
