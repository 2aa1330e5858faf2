import { isIP } from 'node:net';
import { checkServerIdentity, connect as tlsConnect, type TLSSocket } from 'node:tls';
import {
  withDataEvents,
  type DialTarget,
  type RelaySocket,
  type SocketReading,
} from '../sockets/socket-reading';
import type { PoolTls } from './pool';

/** Whose certificate it has to be, where the configuration does not say another name. */
export interface TlsTarget {
  readonly host: string;
}

/**
 * Starts a connection in TLS, 1.2 or later. The certificate is judged by `certificateFault` once it is there, so that
 * whoever is told of a wrong one hears what was expected. A PROXY header goes in front of the handshake.
 */
export function secureDial(
  reading: SocketReading,
  target: DialTarget,
  { tls, header }: { readonly tls: PoolTls & TlsTarget; readonly header: Buffer | undefined },
): RelaySocket {
  const name = expectedName(tls);
  const options = {
    // An address is no name that could be asked for (RFC 6066).
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: false,
    checkServerIdentity: (_asked: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(name, certificate),
  } as const;
  if (header === undefined) return reading.dialTls({ ...target, ...options });
  const { socket } = reading.dial(target);
  // In front of the handshake, which begins with the same event.
  socket.on('connect', () => socket.write(header));
  return withDataEvents(tlsConnect({ ...options, socket }));
}

/** What is wrong with the certificate that came, and what was expected; undefined where it is right. */
export function certificateFault(socket: TLSSocket, tls: PoolTls & TlsTarget): Error | undefined {
  const certificate = socket.getPeerX509Certificate();
  const came = certificate
    ? `came one for ${certificate.subjectAltName ?? oneLine(certificate.subject)} by ${oneLine(certificate.issuer)}, ` +
      `valid until ${certificate.validTo}, SHA-256 ${certificate.fingerprint256}`
    : 'none came';
  if (tls.fingerprintSha256 !== null) {
    const pin = tls.fingerprintSha256.replaceAll(':', '').toLowerCase();
    if (certificate?.fingerprint256.replaceAll(':', '').toLowerCase() === pin) return undefined;
    return new Error(`expected the certificate with SHA-256 ${pin}, ${came}`);
  }
  if (!tls.verify || socket.authorized) return undefined;
  const by = tls.ca === null ? 'a known authority' : 'an authority of ca_file';
  return new Error(
    `expected a certificate for ${expectedName(tls)} by ${by}, ${came} (${String(socket.authorizationError)})`,
  );
}

function expectedName({ serverName, host }: PoolTls & TlsTarget): string {
  return serverName ?? host;
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}
