import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import type { MetricsTlsSettings } from '@mining-proxy/config';

/** New files are looked for this often. */
const LOOK_EVERY_MS = 30_000;

/** The HTTP side's certificate as Node wants it. Throws what reading the files throws. */
export function certificateOf({ certFile, keyFile }: MetricsTlsSettings): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}

/** Has the server take over files that have changed. What cannot be used is told, and those from before hold. */
export function renewCertificate(
  server: Server,
  settings: () => MetricsTlsSettings | null,
  failed: (error: Error) => void,
): void {
  let last = '';
  const look = (): void => {
    const tls = settings();
    if (tls === null) return;
    try {
      const pair = certificateOf(tls);
      const now = `${pair.cert.toString('latin1')}\0${pair.key.toString('latin1')}`;
      if (last !== '' && now !== last) server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
      last = now;
    } catch (error) {
      failed(error as Error);
    }
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}
