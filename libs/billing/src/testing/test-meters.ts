import type { IdentityFallback } from '@mining-proxy/config';
import { ClientDirectory, type ClientMarks } from '../lib/identity/client-directory';
import type { ClientNumbers } from '../lib/metering/client-meter';
import { Meters, type MetersOptions } from '../lib/metering/meters';

export const POOL = 'pool.test:3333';

/** A configured client that matches nobody unless the test says whom. */
export function client(clientId: string, settings: Partial<ClientMarks> = {}): ClientMarks {
  return { clientId, sourceCidrs: [], workers: [], accounts: [], ...settings };
}

export interface TestMetersOptions extends Partial<Omit<MetersOptions, 'directory'>> {
  readonly clients?: readonly ClientMarks[];
  readonly fallback?: IdentityFallback;
  readonly separators?: string;
}

export function testMeters({
  clients = [],
  fallback = 'account',
  separators = './+#',
  ...options
}: TestMetersOptions = {}): Meters {
  const directory = new ClientDirectory(clients, fallback, separators);
  const usage = { facts: { append: () => undefined, flush: () => undefined }, usageIntervalMs: 30_000 };
  return new Meters({
    poolHosts: [POOL],
    maxClients: 1_000,
    inspectionOf: () => ({}),
    audit: { submitsPerSecond: 0, algorithmOf: () => null, payoutAddresses: new Map() },
    workers: { silentAfterMs: 600_000, forgetAfterMs: 3 * 86_400_000 },
    ...usage,
    ...options,
    directory,
  });
}

/** The numbers that stand under the client's label; undefined where there are none. */
export function numbersOf(meters: Meters, clientId: string, poolHost = POOL): ClientNumbers | undefined {
  return meters
    .read()
    .clients.find((numbers) => numbers.clientId === clientId && numbers.poolHost === poolHost);
}

export const sum = (meters: Meters, value: (numbers: ClientNumbers) => number): number =>
  meters.read().clients.reduce((total, numbers) => total + value(numbers), 0);
