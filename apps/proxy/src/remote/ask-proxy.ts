import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIPv6 } from 'node:net';
import type { ProxySettings } from '@mining-proxy/config';

const LONGEST_MS = 10_000;

/** The running proxy did not do what it was asked; the message says why, for people. */
export class RemoteError extends Error {}

/** Asks the HTTP side of the proxy that runs with this configuration, as its administrator. */
export async function askProxy(
  { metricsBindAddress, metricsPort, metricsTls, adminToken }: ProxySettings,
  path: string,
  method: 'GET' | 'POST' | 'DELETE' = 'GET',
): Promise<Record<string, unknown>> {
  if (metricsPort === 0) {
    throw new RemoteError(
      'proxy.metrics_port is 0: only the log of the running proxy says which port that is',
    );
  }
  const host = reachable(metricsBindAddress);
  const options = {
    ...{ host, port: metricsPort, path, method, timeout: LONGEST_MS, agent: false },
    headers: adminToken === null ? {} : { authorization: `Bearer ${adminToken}` },
  };
  const asked =
    metricsTls === null
      ? requestPlain(options)
      : // Its own certificate and no other: it need not be valid for the address that it is asked at.
        requestTls({
          ...options,
          ca: readFileSync(metricsTls.certFile),
          checkServerIdentity: () => undefined,
        });
  asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
  asked.end();
  const at = `${isIPv6(host) ? `[${host}]` : host}:${metricsPort}`;
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    return answerOf(response.statusCode ?? 0, Buffer.concat(parts).toString());
  } catch (error) {
    if (error instanceof RemoteError) throw error;
    throw new RemoteError(
      `no proxy answers at ${at} (${(error as Error).message}); is it running, with this configuration?`,
    );
  }
}

function answerOf(status: number, text: string): Record<string, unknown> {
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new RemoteError(`what answers with ${status} is no proxy of this kind`);
  }
  if (status < 300) return answer;
  const { title, detail } = answer as { title?: string; detail?: string };
  throw new RemoteError(detail ?? `${status} ${title ?? ''}`);
}

/** An address to listen on as one to connect to. */
function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return isIPv6(address) && /^[0:]+$/.test(address) ? '::1' : address;
}
