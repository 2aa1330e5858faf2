import type { Fact } from '../records/record';

export function open(session: string): Fact {
  return { kind: 'open', session, listener: 'main', pool: 'eu:3333', source: '192.0.2.1' };
}

export function client(session: string, clientId = 'acme'): Fact {
  return { kind: 'client', session, client_id: clientId, worker: `${clientId}.1`, dialect: 'stratum1' };
}

export function share(session: string, worker: string | null = 'acme.1'): Fact {
  return {
    kind: 'share',
    session,
    worker,
    dialect: 'stratum1',
    outcome: 'accepted',
    difficulty: '100000000',
    hashes: '4294967296',
  };
}

/** What a session says that it has moved. */
function moved(session: string, bytes: number, ms: number) {
  return {
    session,
    worker: null,
    dialect: 'stratum1',
    bytes_sent: bytes,
    bytes_received: bytes,
    ms,
  } as const;
}

export function usage(session: string, bytes = 10, ms = 1_000): Fact {
  return { kind: 'usage', ...moved(session, bytes, ms) };
}

export function close(session: string, bytes = 10, ms = 1_000): Fact {
  return { kind: 'close', ...moved(session, bytes, ms), side: 'downstream', code: 'ENDED' };
}
