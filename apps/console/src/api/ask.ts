/** What the proxy said instead of an answer. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Asks the proxy that served this page; what changes something carries the header that no other site can send. */
export async function ask<T>(path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET'): Promise<T> {
  const headers: Record<string, string> = method === 'GET' ? {} : { 'X-Requested-With': 'console' };
  return answerOf<T>(await fetch(path, { method, headers }));
}

/** Shows the token once; a cookie that scripts cannot read stands for it from then on. */
export async function signIn(token: string): Promise<void> {
  await answerOf(await fetch('/sign-in', { method: 'POST', headers: { Authorization: `Bearer ${token}` } }));
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Problem(
    response.status,
    problem.detail ?? problem.title ?? `The proxy answers ${response.status}`,
  );
}
