import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  json(): Record<string, unknown>;
}

/** Asks with these headers exactly: `fetch` would not let a test choose its `Host`. */
export async function ask(
  port: number,
  path: string,
  {
    headers = {},
    method = 'GET',
    headOnly = false,
  }: {
    headers?: Record<string, string>;
    method?: string;
    /** The body never ends. */ headOnly?: boolean;
  } = {},
): Promise<Answer> {
  const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  if (headOnly) response.destroy();
  else for await (const part of response) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
}

export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
