import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';

/** The files of a listener that speaks TLS, in PEM. */
export interface ListenerTls {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities of which miners have to show a certificate; null: they need not show any. */
  readonly clientCaFile: string | null;
}

/** What came of a handshake: the stream inside of TLS, or why there is none. */
export type Secured = { readonly socket: TLSSocket } | { readonly fault: TlsFault };

/** `TLS_HANDSHAKE`: there is no TLS. `TLS_UNVERIFIED`: there is, and the miner's certificate is not the right one. */
export interface TlsFault {
  readonly code: 'TLS_HANDSHAKE' | 'TLS_UNVERIFIED';
  readonly cause: Error;
}

interface Handshake {
  cause: Error | undefined;
  readonly done: (secured: Secured) => void;
}

/** Ends TLS, 1.2 and later, on accepted connections of one listener. New files hold for new connections only. */
export class TlsTerminator {
  private readonly server: Server;
  private files = '';
  private expiry = 0;
  /** By the four numbers that name a connection: Node does not say which of those given to it has become which. */
  private readonly handshakes = new Map<string, Handshake>();

  /** Throws where the files cannot be read or do not belong together. */
  constructor(private readonly options: ListenerTls) {
    const asksMiners = options.clientCaFile !== null;
    this.server = createServer({
      minVersion: 'TLSv1.2',
      requestCert: asksMiners,
      // Judged here, so that the miner's log and ours can say what is wrong.
      rejectUnauthorized: false,
      pauseOnConnect: true,
      // Whoever gave the connection ends it in time.
      handshakeTimeout: 2_147_483_647,
    });
    this.refresh();
    this.server.on('secureConnection', (socket) => this.secured(socket));
    this.server.on('tlsClientError', (error, socket) => {
      const handshake = this.handshakes.get(nameOf(socket));
      if (handshake) handshake.cause ??= error;
      socket.destroy();
    });
  }

  /** When the certificate ends, in milliseconds since 1970. */
  get expiresAt(): number {
    return this.expiry;
  }

  /**
   * Takes the files over if they have changed; returns whether they had. Throws what is wrong with them, and those from
   * before still hold.
   */
  refresh(): boolean {
    const { certFile, keyFile, clientCaFile } = this.options;
    const cert = readFileSync(certFile);
    const key = readFileSync(keyFile);
    const ca = clientCaFile === null ? undefined : readFileSync(clientCaFile);
    const files = [cert, key, ca].map((file) => file?.toString('latin1')).join('\0');
    if (files === this.files) return false;
    const expiry = Date.parse(new X509Certificate(cert).validTo);
    this.server.setSecureContext({ cert, key, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) });
    this.expiry = expiry;
    this.files = files;
    return true;
  }

  /** Shakes hands on an accepted, still unread connection. Whoever gives it may destroy it at any time. */
  secure(accepted: Socket, done: (secured: Secured) => void): void {
    const name = nameOf(accepted);
    const handshake: Handshake = { cause: undefined, done };
    this.handshakes.set(name, handshake);
    accepted.once('close', () => {
      if (this.handshakes.get(name) !== handshake) return;
      this.handshakes.delete(name);
      const cause = handshake.cause ?? new Error('the miner left during the TLS handshake');
      done({ fault: { code: 'TLS_HANDSHAKE', cause } });
    });
    this.server.emit('connection', accepted);
  }

  private secured(socket: TLSSocket): void {
    const name = nameOf(socket);
    const handshake = this.handshakes.get(name);
    this.handshakes.delete(name);
    if (!handshake) {
      socket.destroy();
      return;
    }
    if (this.options.clientCaFile === null || socket.authorized) {
      handshake.done({ socket });
      return;
    }
    const certificate = socket.getPeerX509Certificate();
    const came = certificate ? `came ${certificate.subject.replaceAll('\n', ', ')}` : 'none came';
    const cause = new Error(
      `expected a certificate by an authority of client_ca_file, ${came} (${String(socket.authorizationError)})`,
    );
    socket.on('error', () => undefined).destroy();
    handshake.done({ fault: { code: 'TLS_UNVERIFIED', cause } });
  }
}

function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
