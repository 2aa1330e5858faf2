import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A certificate and its key, in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateWish {
  /** Names and addresses that it is valid for. */
  readonly names?: readonly string[];
  /** Whose it is; left out, it signs itself and may sign others. */
  readonly by?: KeyPair;
  readonly validDays?: number;
}

/** Makes a certificate; the first of its names is its subject. */
export async function certificate({
  names = ['127.0.0.1'],
  by,
  validDays = 30,
}: CertificateWish = {}): Promise<KeyPair> {
  const altNames = names.map((name) =>
    isIP(name) === 0 ? ({ type: 2, value: name } as const) : ({ type: 7, ip: name } as const),
  );
  const made = await generate([{ name: 'commonName', value: names[0] ?? 'nobody' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + validDays * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: by === undefined, critical: true },
      { name: 'subjectAltName', altNames },
    ],
    ...(by ? { ca: by } : {}),
  });
  return { cert: made.cert, key: made.private };
}

/** SHA-256 of the certificate as people copy it. */
export function fingerprintOf({ cert }: KeyPair): string {
  return new X509Certificate(cert).fingerprint256;
}

/** A directory with files of certificates. */
export class CertificateFiles {
  readonly path = mkdtempSync(join(tmpdir(), 'certificates-'));

  /** Writes one and returns where it is. */
  write(name: string, content: string): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  /** Both files of a listener. */
  ofListener(
    { cert, key }: KeyPair,
    name = 'listener',
  ): { readonly certFile: string; readonly keyFile: string } {
    return { certFile: this.write(`${name}.crt`, cert), keyFile: this.write(`${name}.key`, key) };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
