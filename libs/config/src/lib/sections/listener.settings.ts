import { cidr, withPrefixes } from '../rules/cidr';
import { FilePath, OptionalFilePath } from '../rules/files';
import { Host } from '../rules/host';
import { PortOrFree } from '../rules/numbers';
import { SomeOf } from '../rules/rule';
import { Name, OptionalAlgorithm, OptionalClientId, ReusePort, Switch, name } from '../rules/text';
import { Setting } from '../setting';

/** `listeners[].tls`: what miners see of a listener that speaks TLS. */
export class ListenerTlsSettings {
  @Setting({ describe: 'Certificate and its chain, PEM; a new file is taken over within a minute' })
  @FilePath()
  readonly certFile!: string;

  @Setting({ describe: 'Private key, PEM, without a passphrase' })
  @FilePath()
  readonly keyFile!: string;

  @Setting({ describe: 'Authorities, PEM, of which miners have to show a certificate' })
  @OptionalFilePath()
  readonly clientCaFile: string | null = null;
}

/** `listeners[].proxy_protocol`: each connection begins with a PROXY header, version 1 or 2. */
export class ProxyProtocolSettings {
  @Setting({
    normalize: withPrefixes,
    describe: 'Addresses of the load balancers that may send a PROXY header; others are turned away',
  })
  @SomeOf(cidr)
  readonly trustedCidrs!: readonly string[];
}

/** One entry of the list `listeners`: an address that miners connect to, and what applies to them. */
export class ListenerSettings {
  @Setting({ describe: 'Name of the listener in logs and metrics; unique' })
  @Name()
  readonly name!: string;

  @Setting({ restart: true, describe: 'Address that miners connect to' })
  @Host()
  readonly bindAddress: string = '0.0.0.0';

  @Setting({ restart: true, describe: 'Port that miners connect to; 0 takes a free one' })
  @PortOrFree()
  readonly bindPort!: number;

  @Setting({ describe: 'Names of the pools that its miners are sent to; null: all' })
  @SomeOf(name, { orNull: true })
  readonly pools: readonly string[] | null = null;

  @Setting({ describe: 'Who is billed for all of its sessions, whatever they log in with' })
  @OptionalClientId()
  readonly clientId: string | null = null;

  @Setting({ describe: "What its miners mine; null: the pool's `algorithm`" })
  @OptionalAlgorithm()
  readonly algorithm: string | null = null;

  @Setting({
    restart: true,
    describe: 'Whether several processes may listen there (SO_REUSEPORT); Node 22.12 and later',
  })
  @ReusePort()
  readonly reusePort: boolean = false;

  @Setting({
    describe:
      'Whether the SHA-256 of the bytes of each session, as read and as delivered, is kept in its record',
  })
  @Switch()
  readonly proof: boolean = false;

  readonly tls: ListenerTlsSettings | null = null;
  readonly proxyProtocol: ProxyProtocolSettings | null = null;
}
