import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MinerTls } from '../net/dial';
import { UsageError, type Arguments, type OptionSpecs } from './arguments';

export const TLS_OPTION_SPECS: OptionSpecs = {
  tls: { kind: 'flag', help: 'in TLS; the certificate has to be right for --host' },
  ca: { kind: 'text', help: 'with --tls: file of authorities, PEM, in place of the usual ones' },
  insecure: { kind: 'flag', help: 'with --tls: any certificate will do' },
};

export function tlsOf(given: Arguments): MinerTls | undefined {
  const file = given.text('ca');
  const insecure = given.flag('insecure');
  if (given.flag('tls')) return { ca: file === undefined ? undefined : authorities(file), verify: !insecure };
  if (file !== undefined || insecure) throw new UsageError('--ca and --insecure need --tls');
  return undefined;
}

function authorities(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8');
    // Where TLS finds no certificate in it, it says nothing.
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw new UsageError(`--ca: ${error instanceof Error ? error.message : String(error)}`);
  }
}
