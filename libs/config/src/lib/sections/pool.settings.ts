import { Fingerprint, OptionalFilePath } from '../rules/files';
import { Host, OptionalHost } from '../rules/host';
import { Milliseconds, Port, WholeNumber } from '../rules/numbers';
import { Name, OneOf, OptionalAlgorithm, Switch } from '../rules/text';
import { Setting } from '../setting';

/** `pools[].tls`: the pool is spoken to in TLS, and its certificate is verified. */
export class PoolTlsSettings {
  @Setting({
    describe: "Name that the certificate must be valid for, and that is asked for; null: the pool's `host`",
  })
  @OptionalHost()
  readonly serverName: string | null = null;

  @Setting({ describe: 'Authorities, PEM, in place of those that Node.js brings' })
  @OptionalFilePath()
  readonly caFile: string | null = null;

  @Setting({
    describe: 'SHA-256 of the one certificate that is right, hexadecimal; then no authority is asked',
  })
  @Fingerprint()
  readonly fingerprintSha256: string | null = null;

  @Setting({
    describe:
      'Whether the certificate is verified; false: whoever is on the way can read and change what passes',
  })
  @Switch()
  readonly verify: boolean = true;
}

const HEALTH_KINDS = ['tcp', 'stratum'] as const;

/** `pools[].health`: how it is found out whether a pool can be used. */
export class HealthSettings {
  @Setting({
    describe:
      'What shows that it works. `tcp`: it can be connected to, TLS included; `stratum`: it answers a subscribe and sends a job',
  })
  @OneOf(HEALTH_KINDS)
  readonly kind: (typeof HEALTH_KINDS)[number] = 'tcp';

  @Setting({ describe: 'Time between two checks, where nothing else shows that the pool works' })
  @Milliseconds()
  readonly intervalMs: number = 10_000;

  @Setting({ describe: 'Time that a check may take, and one address in a dial that can try another' })
  @Milliseconds()
  readonly timeoutMs: number = 5_000;

  @Setting({ describe: 'Failures in a row, of dials and checks, that make the pool down' })
  @WholeNumber(1, 100)
  readonly fall: number = 3;

  @Setting({ describe: 'Successes in a row that make it up again' })
  @WholeNumber(1, 100)
  readonly rise: number = 2;
}

const PROXY_VERSIONS = ['v1', 'v2', null] as const;

/** One entry of the list `pools`: an upstream. */
export class PoolSettings {
  @Setting({ describe: 'Name of the pool in `listeners[].pools` and in the API; unique' })
  @Name()
  readonly name!: string;

  @Setting({ describe: 'Host name or IP address' })
  @Host()
  readonly host!: string;

  @Setting({ describe: 'Port' })
  @Port()
  readonly port!: number;

  @Setting({ describe: 'The lowest priority that has a pool up serves' })
  @WholeNumber(0, 1_000)
  readonly priority: number = 0;

  @Setting({ describe: 'Its part of the miners among the pools of its priority' })
  @WholeNumber(1, 1_000)
  readonly weight: number = 1;

  @Setting({ describe: 'Whether it is used; false: known, and left out until it is resumed' })
  @Switch()
  readonly enabled: boolean = true;

  @Setting({ describe: 'What is mined there; null: `proxy.algorithm`' })
  @OptionalAlgorithm()
  readonly algorithm: string | null = null;

  @Setting({
    describe: 'Version of the PROXY header that it gets in front of each connection, `"v1"` or `"v2"`',
  })
  @OneOf(PROXY_VERSIONS)
  readonly proxyProtocol: (typeof PROXY_VERSIONS)[number] = null;

  readonly tls: PoolTlsSettings | null = null;
  readonly health: HealthSettings = new HealthSettings();
}
