import type { Conversation } from '../conversation/conversation';
import type { DialectRules, Evidence } from './dialect';
import { PLAIN_RULES } from './dialect';
import { startUnknown } from '../difficulty/difficulty';
import type { Direction } from '../events/stream';
import type { Fields, Message, RequestMessage } from '../message';
import { isFields, textOf } from '../message';
import { targetDifficulty } from '../difficulty/target';
import { ANNOUNCED_IN_JOBS, miningAnnouncement, miningRequest } from './mining-frame';

/** A hash must hit its chain index as well, one of 16. */
const CHAINS = 16;

/** Alephium: a notification announces a job for each pair of groups, submits are objects. */
export const alephium: DialectRules = {
  ...PLAIN_RULES,
  name: 'alephium',
  shared: true,
  start: startUnknown,
  evidence,
  request,
  announcement: (message, conversation) => {
    const jobs = message.method === 'mining.notify' ? jobsOf(message.params) : null;
    if (jobs === null) return miningAnnouncement(message, conversation, ANNOUNCED_IN_JOBS);
    notify(message, jobs, conversation);
    return true;
  },
};

function evidence(direction: Direction, message: Message): Evidence {
  if (message.type !== 'request') return 'none';
  const { method, params } = message;
  if (direction === 'to_downstream')
    return method === 'mining.notify' && jobsOf(params) !== null ? 'job' : 'none';
  return method === 'mining.submit' && isFields(params) && params.jobId !== undefined ? 'request' : 'none';
}

/** `[{ jobId, fromGroup, toGroup, headerBlob, txsBlob, targetBlob }, …]`; null for anything else. */
function jobsOf(params: unknown): readonly Fields[] | null {
  if (!Array.isArray(params) || params.length === 0) return null;
  const areJobs = params.every(
    (job) => isFields(job) && (job.jobId !== undefined || job.targetBlob !== undefined),
  );
  return areJobs ? (params as readonly Fields[]) : null;
}

function notify({ id }: RequestMessage, jobs: readonly Fields[], conversation: Conversation): void {
  // The first one is told; shares of all are known.
  for (const [at, job] of jobs.entries()) {
    const difficulty = targetDifficulty(job.targetBlob, 'left', CHAINS);
    if (at > 0) conversation.difficulty.announceJobAt(textOf(job.jobId), difficulty);
    else conversation.notifyAt(id, textOf(job.jobId), difficulty);
  }
}

function request(message: RequestMessage, conversation: Conversation): boolean {
  const { id, method, params } = message;
  if (method === 'mining.submit' && isFields(params)) {
    conversation.submitNamed(id, textOf(params.worker), textOf(params.jobId) ?? textOf(params.job_id));
    return true;
  }
  return miningRequest(message, conversation);
}
