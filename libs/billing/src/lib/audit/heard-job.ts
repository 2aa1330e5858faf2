import { Buffer } from 'node:buffer';
import { readCoinbase, type Coinbase } from '@mining-proxy/coinbase';
import type { AnnouncedJob } from './announced-jobs';
import { coinbaseOf, type BitcoinJob, type Extranonce } from './bitcoin-job';
import { told, type Told } from './told';

/** From this version on a block's coinbase begins with its height (BIP 34). */
const VERSION_WITH_HEIGHT = 2;

/** One job as a session heard it: with the extranonce that was in force then. A later one counts for later jobs. */
export class HeardJob {
  private readonly told: Told<Coinbase>;

  constructor(
    readonly id: string,
    readonly announced: AnnouncedJob,
    readonly extranonce: Told<Extranonce>,
  ) {
    this.told = told(readHeard, this);
  }

  /** What its coinbase says, with zeros in the place of the miner's part; undefined where that is no coinbase. */
  get coinbase(): Coinbase | undefined {
    return this.told.value;
  }
}

function readHeard({
  announced: { job },
  extranonce: { value: extranonce },
}: HeardJob): Coinbase | undefined {
  if (!job || !extranonce) return undefined;
  return coinbaseIn(job, extranonce, Buffer.alloc(extranonce.extranonce2Bytes));
}

/** What the coinbase of a job says with these extranonces in it. */
export function coinbaseIn(
  job: BitcoinJob,
  extranonce: Extranonce,
  extranonce2: Buffer,
): Coinbase | undefined {
  const coinbase = readCoinbase(coinbaseOf(job, extranonce, extranonce2));
  return coinbase && job.version < VERSION_WITH_HEIGHT ? { ...coinbase, height: undefined } : coinbase;
}
