import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configChanges } from './config-changes';
import { loadConfig } from './load-config';

const POOL = { name: 'eu', host: 'eu.example.com', port: 3333 };
const LISTENER = { name: 'farm', bind_port: 3333 };

describe('configChanges', () => {
  const directory = mkdtempSync(join(tmpdir(), 'changes-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  const load = (content: object) => {
    const path = join(directory, 'config.json');
    writeFileSync(path, JSON.stringify({ pools: [POOL], listeners: [LISTENER], ...content }));
    return loadConfig({ CONFIG_FILE: path });
  };
  const changes = (before: object, after: object) => configChanges(load(before), load(after));
  const live = (path: string) => ({ path, needsRestart: false });
  const atStart = (path: string) => ({ path, needsRestart: true });

  it('finds nothing where nothing differs', () => {
    expect(changes({}, {})).toEqual([]);
  });

  it.each([
    ['proxy', { max_connections: 5 }, live('proxy.max_connections')],
    ['proxy', { admin_token: 'a'.repeat(16) }, live('proxy.admin_token')],
    ['proxy', { log_level: 'debug' }, live('proxy.log_level')],
    ['proxy', { data_dir: 'elsewhere' }, atStart('proxy.data_dir')],
    ['proxy', { metrics_port: 9091 }, atStart('proxy.metrics_port')],
    ['failover', { failback: 'drain' }, live('failover.failback')],
    ['access', { deny_cidrs: ['192.0.2.0/24'] }, live('access.deny_cidrs')],
    ['access', { ban: {} }, live('access.ban')],
    ['identity', { fallback: 'worker' }, live('identity.fallback')],
    ['billing', { database_url: 'postgres://db/usage' }, atStart('billing.database_url')],
    ['billing', { rates: { currency: 'EUR' } }, live('billing.rates')],
    ['billing', { export: { url: 'https://meter/events' } }, live('billing.export')],
    ['clients', [{ client_id: 'acme' }], live('clients[acme]')],
    ['pools', [{ ...POOL, weight: 2 }], live('pools[eu].weight')],
    ['pools', [{ ...POOL, health: { fall: 9 } }], live('pools[eu].health')],
    ['pools', [POOL, { name: 'us', host: 'us', port: 1 }], live('pools[us]')],
    ['listeners', [{ ...LISTENER, client_id: 'acme' }], live('listeners[farm].client_id')],
    [
      'listeners',
      [{ ...LISTENER, proxy_protocol: { trusted_cidrs: ['10.0.0.1'] } }],
      live('listeners[farm].proxy_protocol'),
    ],
    ['listeners', [{ ...LISTENER, bind_port: 3334 }], atStart('listeners[farm].bind_port')],
    ['listeners', [LISTENER, { name: 'other', bind_port: 4444 }], atStart('listeners[other]')],
  ])('names what differs in %s: %j', (section, content, change) => {
    expect(changes({}, { [section]: content })).toEqual([change]);
    expect(changes({ [section]: content }, {}).map(({ path }) => path)).toEqual([change.path]);
  });

  it('finds what differs inside of a ban, and that clients come in another order', () => {
    expect(changes({ access: { ban: {} } }, { access: { ban: { for_s: 5 } } })).toEqual([
      live('access.ban.for_s'),
    ]);
    const [acme, solo] = [{ client_id: 'acme' }, { client_id: 'solo' }];
    expect(changes({ clients: [acme, solo] }, { clients: [solo, acme] })).toEqual([live('clients')]);
  });
});
