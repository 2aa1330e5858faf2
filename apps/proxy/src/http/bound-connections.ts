import type { Server } from 'node:http';

/** What callers of the HTTP side may hold. Together with the program's own files it fits into the relay's reserve. */
export interface ConnectionBounds {
  readonly connections: number;
  /** From the connection, or the request before, until a request's headers are there. */
  readonly headersMs: number;
  /** Until the whole request is there. */
  readonly requestMs: number;
  /** How often these times are looked at. */
  readonly checkEveryMs: number;
}

const BOUNDS: ConnectionBounds = {
  connections: 64,
  headersMs: 5_000,
  requestMs: 10_000,
  checkEveryMs: 1_000,
};

/**
 * Whoever holds connections open without asking costs the relay no descriptors, and locks others out for seconds only.
 * Called before the server listens.
 */
export function boundConnections(server: Server, bounds: ConnectionBounds = BOUNDS): void {
  server.maxConnections = bounds.connections;
  server.headersTimeout = bounds.headersMs;
  server.requestTimeout = bounds.requestMs;
  // An option of `createServer`, which Nest calls; read when the server begins to listen. Node looks every 30 s.
  Object.assign(server, { connectionsCheckingInterval: bounds.checkEveryMs });
}
