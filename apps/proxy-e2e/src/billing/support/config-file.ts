import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a whole configuration, sections included that a started proxy is not usually given; returns what names it. */
export function configFile(
  directory: string,
  { proxy, ...sections }: { readonly proxy: object } & Readonly<Record<string, object>>,
): Readonly<Record<string, string>> {
  const file = join(directory, 'whole-config.json');
  const settings = {
    bind_address: '127.0.0.1',
    bind_port: 0,
    metrics_bind_address: '127.0.0.1',
    metrics_port: 0,
    pool_host: '127.0.0.1',
    drain_timeout_ms: 2_000,
    data_dir: join(directory, 'data'),
    ...proxy,
  };
  writeFileSync(file, JSON.stringify({ proxy: settings, ...sections }));
  return { CONFIG_FILE: file };
}
