import { request, type IncomingHttpHeaders } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpTarget {
  readonly host?: string;
  readonly port: number;
  readonly path: string;
  /** Any header, those included that `fetch` would not let a caller set. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly timeoutMs?: number;
}

/** One request over a connection of its own: a kept one would be one more thing that a shutdown has to end. */
export function httpGet(target: HttpTarget): Promise<HttpAnswer> {
  const { host = '127.0.0.1', port, path, headers = {}, method = 'GET', timeoutMs = 10_000 } = target;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const outgoing = request({ host, port, path, headers, method, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
