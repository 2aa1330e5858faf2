/** Lines of Bitcoin's dialect as miners and pools write them, each with its LF. */

export const subscribe = (id = 1): string =>
  line({ id, method: 'mining.subscribe', params: ['cgminer/4.10.0'] });

export const authorize = (id: number, worker: string, password = 'x'): string =>
  line({ id, method: 'mining.authorize', params: [worker, password] });

export const submit = (id: number, worker: string, job = 'j1'): string =>
  line({ id, method: 'mining.submit', params: [worker, job, '00000001', '504e86ed', 'b2957c02'] });

export const granted = (id: number): string => line({ id, result: true, error: null });

export const refused = (id: number, code = 21, text = 'Job not found'): string =>
  line({ id, result: null, error: [code, text, null] });

export const setDifficulty = (difficulty: number): string =>
  line({ id: null, method: 'mining.set_difficulty', params: [difficulty] });

const PREVIOUS = '4d16b6f85af6e2198f44ae2a6de67f78487ae5611b77c6c0440b921e00000000';

export const notify = (job: string): string =>
  line({
    id: null,
    method: 'mining.notify',
    params: [job, PREVIOUS, '01000000', 'ffffffff', [], '00000002', '1c2ac4af', '504e86b9', true],
  });

/** Any message. */
export const line = (message: unknown): string => `${JSON.stringify(message)}\n`;
