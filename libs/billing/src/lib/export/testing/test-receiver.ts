import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** One event as it came. */
export interface ReceivedEvent {
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly data: Readonly<Record<string, string>> & { readonly hour: string };
}

/** One request as it came. */
export interface ReceivedRequest {
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly isBatch: boolean;
  readonly ids: readonly string[];
}

/** What the receiver does with a request: it answers with a status, or takes it and never answers. */
export type Behaviour = number | 'hang' | 'reset';

/** A billing system that takes events as some do: one with the same source and id is one that it has already. */
export class TestReceiver {
  /** Asked for each request, in the order in which they come. */
  behave: (request: ReceivedRequest) => Behaviour | Promise<Behaviour> = () => 204;
  readonly requests: ReceivedRequest[] = [];
  /** Ids that came with different bytes. */
  readonly contradictions: string[] = [];
  private readonly taken = new Map<string, { readonly event: ReceivedEvent; readonly bytes: string }>();
  private server: Server | undefined;
  private port = 0;

  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.receive(request, response));
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/api/v1/events`;
  }

  get events(): readonly ReceivedEvent[] {
    return [...this.taken.values()].map(({ event }) => event);
  }

  /** The sums of all events, by client, worker, pool and hour; keys that sum to nothing are left out. */
  sums(): Record<string, Record<string, bigint>> {
    const sums: Record<string, Record<string, bigint>> = {};
    for (const { data } of this.events) {
      const { client_id, worker, pool, hour } = data;
      const sum = (sums[JSON.stringify([client_id, worker, pool, hour])] ??= {});
      for (const [name, units] of numbersIn(data)) sum[name] = (sum[name] ?? 0n) + units;
    }
    return withoutNothing(sums);
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // cut off by whoever sent it
    }
    const body = Buffer.concat(chunks).toString('utf8');
    const contentType = request.headers['content-type'];
    const parsed = JSON.parse(body) as ReceivedEvent | ReceivedEvent[];
    const events = Array.isArray(parsed) ? parsed : [parsed];
    const ids = events.map(({ id }) => id);
    const isBatch = Array.isArray(parsed);
    const received = { contentType, authorization: request.headers.authorization, isBatch, ids };
    this.requests.push(received);
    const behaviour = await this.behave(received);
    if (typeof behaviour === 'string' || behaviour < 300) for (const event of events) this.take(event);
    if (behaviour === 'reset') request.socket.resetAndDestroy();
    if (typeof behaviour === 'string') return;
    response.writeHead(behaviour, behaviour === 308 ? { location: `${this.url}/moved` } : {});
    response.end();
  }

  private take(event: ReceivedEvent): void {
    const key = JSON.stringify([event.source, event.id]);
    const bytes = JSON.stringify(event);
    const before = this.taken.get(key);
    if (!before) this.taken.set(key, { event, bytes });
    else if (before.bytes !== bytes) this.contradictions.push(event.id);
  }
}

/** What belongs to a row, or does not add up. */
const NO_NUMBERS: ReadonlySet<string> = new Set([
  ...['journal_id', 'client_id', 'worker', 'pool', 'hour', 'part'],
  'terahash_days',
]);

/** The numbers of a row of the API or of an event, in whole units of their last places. */
export function numbersIn(row: Readonly<Record<string, string>>): (readonly [string, bigint])[] {
  return Object.entries(row).flatMap(([name, text]) =>
    NO_NUMBERS.has(name) ? [] : [[name, unitsOf(name, text)] as const],
  );
}

/** Places of the numbers that have some. */
const PLACES: Readonly<Record<string, number>> = { session_seconds: 3, accepted_difficulty: 8 };

function unitsOf(name: string, text: string): bigint {
  const places = PLACES[name] ?? 0;
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) throw new Error(`${name} is no number: ${text}`);
  const [, sign = '', whole = '', fraction = ''] = match;
  return BigInt(`${sign}${whole}${fraction.padEnd(places, '0')}`);
}

export function withoutNothing(
  sums: Readonly<Record<string, Record<string, bigint>>>,
): Record<string, Record<string, bigint>> {
  const some = Object.entries(sums).map(([key, numbers]) => [
    key,
    Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0n)),
  ]);
  return Object.fromEntries(
    some.filter(([, numbers]) => Object.keys(numbers as object).length > 0),
  ) as Record<string, Record<string, bigint>>;
}
