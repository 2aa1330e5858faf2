import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** Makes a certificate of P-256 that signs itself; gives its files: each alone, and both in one as HAProxy wants them. */
export async function writeCertificate(directory) {
  const altNames = [{ type: 7, ip: '127.0.0.1' }];
  const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  const write = (name, content) => {
    const file = join(directory, name);
    writeFileSync(file, content);
    return file;
  };
  return {
    certFile: write('relay.crt', cert),
    keyFile: write('relay.key', key),
    bothFile: write('relay.pem', `${cert}\n${key}\n`),
  };
}
