import { FilePath } from '../rules/files';
import { Setting } from '../setting';

/** `proxy.metrics_tls`: the HTTP side over TLS. */
export class MetricsTlsSettings {
  @Setting({
    describe: 'Certificate of the HTTP side and its chain, PEM; a new file is taken over within a minute',
  })
  @FilePath()
  readonly certFile!: string;

  @Setting({ describe: 'Private key, PEM, without a passphrase' })
  @FilePath()
  readonly keyFile!: string;
}
