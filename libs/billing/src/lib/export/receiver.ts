import type { ExportOptions } from './export-options';

/** What a receiver said to events: `later` gets better by itself, `refused` perhaps never. */
export type Answer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'later'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Statuses of the 400s that are about the moment, not about what was sent. */
const FOR_THE_MOMENT: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Sends events, each JSON, in one request. Never rejects. What `signal` has cut off, or what was answered too late, the
 * receiver may have taken. A reason names neither the address nor what was answered: both may hold secrets.
 */
export async function sendEvents(
  events: readonly string[],
  { url, token, batchSize, timeoutMs }: ExportOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const isBatch = batchSize > 1;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': isBatch ? 'application/cloudevents-batch+json' : 'application/cloudevents+json',
        'user-agent': 'mining-proxy',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: isBatch ? `[${events.join(',')}]` : events.join(''),
      // Whoever redirects is another receiver than the one that was configured, and would get the token.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    // Its status is all that counts: it may go on for ever.
    await response.body?.cancel();
    return answerOf(response.status);
  } catch (error) {
    return { kind: 'later', reason: reasonOf(error, timeoutMs) };
  }
}

function answerOf(status: number): Answer {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const reason = `the receiver answers ${status}`;
  if (status >= 300 && status < 400) {
    return { kind: 'refused', reason: `${reason}: redirects are not followed` };
  }
  return { kind: status >= 500 || FOR_THE_MOMENT.has(status) ? 'later' : 'refused', reason };
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, cause } = error as { readonly name?: unknown; readonly cause?: { readonly code?: unknown } };
  if (name === 'TimeoutError') return `the receiver does not answer within ${timeoutMs} ms`;
  const code = typeof cause?.code === 'string' ? `: ${cause.code}` : '';
  return `the receiver cannot be reached${code}`;
}
