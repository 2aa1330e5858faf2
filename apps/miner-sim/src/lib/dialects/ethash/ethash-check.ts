import type { Job } from '../../pool/job';
import type { ShareTarget } from '../../share-target';
import { judgeHash, type HashRefusals, type Refusal, type Verdict } from '../verdict';
import { ethashJob, ethashOutcome, meetsBoundary } from './ethash-rule';

export interface EthashClaim {
  readonly job: Job;
  readonly nonce: Buffer;
  /** What the miner says the mix is, where the dialect has it. */
  readonly mixHex?: string;
}

export interface EthashRefusals extends HashRefusals {
  readonly wrongMix: Refusal;
}

/** Judges a nonce by the rule that stands in for ethash. */
export function judgeEthash(claim: EthashClaim, target: ShareTarget, refusals: EthashRefusals): Verdict {
  const { header } = ethashJob(claim.job);
  const { mix, result } = ethashOutcome(Buffer.concat([header, claim.nonce]));
  if (claim.mixHex !== undefined && claim.mixHex !== mix.toString('hex')) return refusals.wrongMix;
  return judgeHash(claim.job, result, meetsBoundary(result, target.bytes), target, refusals);
}
