import type { ConfigFault } from './config-error';
import { isJsonObject, type JsonObject } from './config-file';
import { readSection } from './read-section';
import { signingKeyFaults } from './rules/files';
import { BillingSettings, RateCardSettings, RatesSettings } from './sections/billing.settings';
import { ExportSettings } from './sections/export.settings';
import { shownValue } from './shown-value';

/** Section `billing` with the sections inside of it. Faults are added to `faults`. */
export function readBilling(
  content: unknown,
  env: NodeJS.ProcessEnv,
  faults: ConfigFault[],
): BillingSettings {
  const source = { path: 'billing', content, env, subsections: ['rates', 'export'] };
  const billing = readSection(BillingSettings, source, faults);
  const { signingKeyFile } = billing;
  if (typeof signingKeyFile === 'string')
    faults.push(...signingKeyFaults('billing.signing_key_file', signingKeyFile));
  const { rates, export: target }: JsonObject = isJsonObject(content) ? content : {};
  return Object.assign(billing, {
    rates: readRates(rates, env, faults),
    export: readExport(target ?? null, env, faults),
  });
}

function readExport(content: unknown, env: NodeJS.ProcessEnv, faults: ConfigFault[]): ExportSettings | null {
  if (content === null) return null;
  return readSection(ExportSettings, { path: 'billing.export', content, env }, faults);
}

function readRates(content: unknown, env: NodeJS.ProcessEnv, faults: ConfigFault[]): RatesSettings | null {
  if (content === undefined || content === null) return null;
  const source = { path: 'billing.rates', content, env, subsections: ['clients'] };
  const rates = readSection(RatesSettings, source, faults);
  const clients = isJsonObject(content) ? content.clients : undefined;
  return Object.assign(rates, { clients: readCards(clients, env, faults) });
}

function readCards(
  content: unknown,
  env: NodeJS.ProcessEnv,
  faults: ConfigFault[],
): Record<string, RateCardSettings> {
  const path = 'billing.rates.clients';
  if (content === undefined) return {};
  if (!isJsonObject(content)) {
    const expected = 'must be an object of client ids, as {"acme": {"per_month": "5"}}';
    faults.push({ path, expected, got: shownValue(content) });
    return {};
  }
  const cards = Object.entries(content).map(([clientId, card]): [string, RateCardSettings] => [
    clientId,
    readSection(RateCardSettings, { path: `${path}.${clientId}`, content: card ?? null, env }, faults),
  ]);
  return Object.fromEntries(cards);
}
