import type { RejectionReason } from './reasons';

/**
 * What pools write when they refuse, class by class. The order of the classes decides: "Invalid share:
 * Low difficulty share" is a low difficulty. The words are in lower case, see `spellings`.
 */
export const REJECTION_WORDS: readonly (readonly [RejectionReason, readonly RegExp[]])[] = [
  [
    'duplicate',
    [
      /duplicat|\bdup(e|ed|s)?\b|repeated (share|nonce|solution)/,
      /already (been )?(submitted|solved|known|exist|received|accepted|seen|used)/,
    ],
  ],
  [
    // Words about time, before "too late" and "too old" make a stale share of them.
    'invalid',
    [/time(stamp)?( is)?[- ]too[- ](old|new|early|late|far)|ntime|time rolling|time out of range/],
  ],
  [
    'low_difficulty',
    [
      /low[- ]?(share |hash )?diff|too low diff|diff(iculty)? (is )?too (low|small)/,
      /(above|over|higher|greater|larger|bigger|exceed(s|ed|ing)?)( than)? (the )?(\w+ )?target|hash ?> ?target/,
      /high[- ]hash|hash (is )?too (high|big|large)|h-not-zero/,
      /(below|under|less than|(not|n.t) (meet|reach|match|satisfy)) (the )?(\w+ ){0,2}(target|difficulty|diff)\b/,
      /\bdiff(iculty)?\b.{0,16} (below|under|less than)|target (was |is )?not (met|reached)/,
      /(insufficient|not enough) (share )?(difficulty|diff|work)\b|^(\w+( \w+)?: )?invalid difficulty/,
    ],
  ],
  [
    'stale',
    [
      /\b(bad|wrong|invalid|incorrect|old|not best|not-best)[- ]prev(ious)?[- ]?(blk|block|hash|block hash)\b/,
      /\bprev(ious)?[- ]?(blk|block)([- ]?hash)?[- ](is[- ]|was[- ])?(not[- ]found|unknown|mismatch)/,
      /stale|too late|expired|outdated|obsolete|invalid mining request/,
      /(job|work|task|solution)( id| with id| '[^']*')?( was| is|\b)? ?(not found|unknown|too old|does not exist)/,
      /\b(job|work|task|template)( ?id)?( ["'\w-]*)?( is| was| has been)? (not found|unknown|too old|no longer|cancell?ed)/,
      /\b(job|work|task|template)( ?id)?( does( not|n.t)| not) exist|job.{0,24}not found/,
      /\b(invalid|unknown|no such|missing|old|obsolete|bad|wrong|incorrect|non-?existent)[- ](block )?(job|work|template)([- _]?id)?\b(?! chain)/,
      /(can ?no?t|can't|could( not|n.t)|unable to|failed to) find (the |a |any )?(\w+ )?(job|work|template)\b/,
      /\b(share|solution|block)( is| was| came| arrived| submitted)? (too )?(old|late)\b|\b(old|late) (share|solution|block)\b/,
    ],
  ],
  [
    'banned',
    [
      /\bbann?(ed)?\b|blacklist|too many|rate ?limit|throttl|high rate of invalid|flood/,
      /attack detected|enhance your calm|suspended|(connection|request|share)s? limit/,
      /\b(ip|address|you|user|worker|account|miner|client)\b.{0,24}\bblocked\b|\bblocked (ip|address)\b/,
    ],
  ],
  [
    'not_subscribed',
    [
      /(not|n.t) (yet |been )*subscribed|unsubscribed|no subscription/,
      /subscri(be|ption) (first|required|needed)|(must|needs? to|please|have to|has to) (first )?(be )?subscribe/,
    ],
  ],
  [
    'unauthorized',
    [
      /unauthori[sz]ed|unauthenticated|unregistered|permission denied|access denied|forbidden|credential/,
      /(not|n.t) (yet |been )*(authori[sz]ed|authenticated|registered)|not logged/,
      /(login|authori[sz]ation|authentication) (first|failed|rejected|required|denied)/,
      /(must|needs? to|please|have to|has to) (first )?(log ?in\b|authori[sz]e|authenticate)/,
      /(invalid|bad|unknown|wrong|empty|missing) (login|user|username|account|address|wallet|worker|password|payment)/,
      /(invalid|bad|unknown|wrong) (\w+ )?(address|wallet)\b|no (username|address|login)|no such (user|worker|account|miner)/,
      /(user|account|worker|wallet|address|miner|login)( name)? (was |is )?(not found|unknown|not valid|does( not|n.t) exist)/,
      /(address|wallet|username|login) is (invalid|empty|missing)|username base is empty|worker mismatch/,
    ],
  ],
  [
    'server',
    [
      /internal error|server (is )?(full|busy|error)|not ready|not up to date|syncing|not (yet )?sync(ed|hroni[sz]ed)/,
      /upstream|bad gateway|overload|disconnected from|not connected|proxy full|initiali[sz]/,
      /could(n.t| not) check|timed? ?out|unavailable|maintenance|try (again|later)|shutting down/,
      /(backend|database|daemon|rpc|node|server|pool) (is |was )?(down|offline|error|failed|failure|unreachable)/,
    ],
  ],
  [
    'invalid',
    [
      /invalid|incorrect|malformed|missing|corrupt|is empty|incomplete|bad |bad-|illegal|wrong|mismatch|not valid/,
      /out of range|out of worker range|\bsize\b|array size|not array|nonce|version|mask\b|param|hash|no job_id|timestamp/,
      /failed to validate|(validation|verification|check) (failed|error)|pars(e|ing) (error|failed)/,
      /method not found|(unknown|no such) (method|command)|not supported|unsupported/,
    ],
  ],
];

/**
 * How words may be meant that begin as `text`: as they stand, and with all that separates words as
 * spaces. Pools write "Job not found", "job-not-found", "JOB_NOT_FOUND" and "JobNotFound".
 */
export function spellings(text: string): readonly string[] {
  const apart = text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[\s_-]+/g, ' ')
    .replace(/[‘’´`]/g, "'");
  return [text.toLowerCase(), apart.toLowerCase()];
}
