import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ConfigFault } from '../config-error';
import { shownValue } from '../shown-value';
import { check } from './rule';

const path = (value: unknown): boolean => typeof value === 'string' && value !== '' && !value.includes('\0');

/** A file. Whether it can be read and used, `certificateFaults` says. */
export const FilePath = () =>
  check('filePath', (value) => (path(value) ? undefined : 'must be the path of a file'));

export const OptionalFilePath = () =>
  check('filePath', (value) =>
    value === null || path(value) ? undefined : 'must be the path of a file, or null',
  );

/** A SHA-256 as people copy it: 64 hexadecimal digits, with or without colons. */
export const Fingerprint = () =>
  check('fingerprint', (value) => {
    const digits = typeof value === 'string' ? value.replaceAll(':', '') : '';
    if (value === null || /^[\da-f]{64}$/i.test(digits)) return undefined;
    const came = typeof value === 'string' ? `; these are ${digits.length} characters without colons` : '';
    return `must be a SHA-256 fingerprint: 64 hexadecimal digits, colons may stand between them${came}`;
  });

/** Files of one certificate, each with its place in the configuration. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | null;
}

/** What is wrong with the files of a listener's TLS: that they cannot be read, or do not belong together. */
export function certificateFaults(at: string, { cert, key, ca }: CertificateFiles): ConfigFault[] {
  const read = (name: string, file: string) => readable(`${at}.${name}`, file);
  const files = { cert: read('cert_file', cert), key: read('key_file', key) };
  const faults = [...caFaults(`${at}.client_ca_file`, ca)];
  for (const file of Object.values(files)) if ('fault' in file) faults.push(file.fault);
  if ('fault' in files.cert || 'fault' in files.key) return faults;
  const certPath = `${at}.cert_file`;
  if (!isCertificate(files.cert.content)) {
    return [...faults, { path: certPath, expected: 'must hold a certificate in PEM', got: shownValue(cert) }];
  }
  try {
    createSecureContext({ cert: files.cert.content, key: files.key.content });
  } catch (error) {
    const doesNotFit = (error as NodeJS.ErrnoException).code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
    const expected = doesNotFit
      ? 'must hold the private key of the certificate in `cert_file`; it is the key of another one'
      : 'must hold a private key in PEM, without a passphrase';
    faults.push({ path: `${at}.key_file`, expected, got: shownValue(key) });
  }
  return faults;
}

/** The same of a file with certificates of authorities; null is none. */
export function caFaults(at: string, file: string | null): ConfigFault[] {
  if (file === null) return [];
  const read = readable(at, file);
  if ('fault' in read) return [read.fault];
  if (isCertificate(read.content)) return [];
  return [{ path: at, expected: 'must hold certificates in PEM', got: shownValue(file) }];
}

/** The same of a file with a key that documents are signed with; null is none. */
export function signingKeyFaults(at: string, file: string | null): ConfigFault[] {
  if (file === null) return [];
  const read = readable(at, file);
  if ('fault' in read) return [read.fault];
  const kind = keyKind(read.content);
  if (kind === 'ed25519') return [];
  const expected =
    'must hold a private key of Ed25519 in PEM, without a passphrase, as ' +
    '`openssl genpkey -algorithm ed25519 -out FILE` makes one';
  return [
    {
      path: at,
      expected: kind === undefined ? expected : `${expected}; this is one of ${kind}`,
      got: shownValue(file),
    },
  ];
}

function keyKind(content: Buffer): string | undefined {
  try {
    return createPrivateKey(content).asymmetricKeyType;
  } catch {
    return undefined; // no key at all, which the fault says
  }
}

/** The content of a file, or the fault that says why there is none. */
export function readable(
  at: string,
  file: string,
): { readonly content: Buffer } | { readonly fault: ConfigFault } {
  try {
    return { content: readFileSync(file) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const why =
      { ENOENT: 'there is no such file', EACCES: 'this user may not read it', EISDIR: 'it is a directory' }[
        code
      ] ?? code;
    return {
      fault: { path: at, expected: `must name a file that can be read (${why})`, got: shownValue(file) },
    };
  }
}

function isCertificate(content: Buffer): boolean {
  try {
    return new X509Certificate(content).validTo !== '';
  } catch {
    return false;
  }
}
