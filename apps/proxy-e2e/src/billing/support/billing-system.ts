import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LedgerRow } from './ledger-rows';

interface UsageEvent {
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  readonly data: LedgerRow;
}

/** One request for which the system has taken the events. */
export interface TakenRequest {
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly events: number;
}

/** What becomes of a request: a status, or it is taken and held without an answer. */
export type Reception = number | 'hold';

/** A billing system that takes CloudEvents over HTTP, and knows those again that have the same source and id. */
export class BillingSystem {
  /** Asked for each request. */
  receive: (authorization: string | undefined) => Reception = () => 204;
  readonly requests: TakenRequest[] = [];
  /** Requests that are held at the moment. */
  held = 0;
  /** Events that came more than once, and those of them that came with other bytes. */
  repeated = 0;
  readonly contradictions: string[] = [];
  private readonly known = new Map<string, { readonly event: UsageEvent; readonly bytes: string }>();

  private constructor(private readonly server: Server) {}

  static async listen(): Promise<BillingSystem> {
    const server = createServer();
    const system = new BillingSystem(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void system.answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return system;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v1/events`;
  }

  get events(): readonly UsageEvent[] {
    return [...this.known.values()].map(({ event }) => event);
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization, 'content-type': contentType } = request.headers;
    const reception = this.receive(authorization);
    if (reception === 'hold' || reception < 300) {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as UsageEvent | UsageEvent[];
      const events = Array.isArray(body) ? body : [body];
      for (const event of events) this.take(event);
      this.requests.push({ contentType, authorization, events: events.length });
    }
    if (reception === 'hold') {
      this.held += 1;
      response.on('close', () => (this.held -= 1));
      return;
    }
    response.writeHead(reception);
    response.end();
  }

  private take(event: UsageEvent): void {
    const key = JSON.stringify([event.source, event.id]);
    const bytes = JSON.stringify(event);
    const before = this.known.get(key);
    if (!before) {
      this.known.set(key, { event, bytes });
      return;
    }
    this.repeated += 1;
    if (before.bytes !== bytes) this.contradictions.push(event.id);
  }
}

/** What belongs to a row or an event and does not add up. */
const NAMES: ReadonlySet<string> = new Set([
  ...['client_id', 'worker', 'pool', 'hour'],
  ...['journal_id', 'part', 'terahash_days'],
]);
/** Places of the numbers that have some. */
const PLACES: Readonly<Record<string, number>> = { session_seconds: 3, accepted_difficulty: 8 };

/** Adds up rows of the ledger or of events by client, worker, pool and hour, exactly; what is 0 is left out. */
export function sumsByKey(rows: readonly LedgerRow[]): Record<string, Record<string, bigint>> {
  const sums: Record<string, Record<string, bigint>> = {};
  for (const row of rows) {
    const key = [row.client_id, row.worker, row.pool, row.hour].join(' ');
    for (const [name, text] of Object.entries(row)) {
      if (NAMES.has(name)) continue;
      const units = unitsOf(text, PLACES[name] ?? 0);
      const sum = (sums[key] ??= {});
      sum[name] = (sum[name] ?? 0n) + units;
    }
  }
  const some = Object.entries(sums).map(([key, sum]): [string, Record<string, bigint>] => [
    key,
    Object.fromEntries(Object.entries(sum).filter(([, units]) => units !== 0n)),
  ]);
  return Object.fromEntries(some.filter(([, sum]) => Object.keys(sum).length > 0));
}

function unitsOf(text: string, places: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(places, '0'));
}
