import { PROOFS_OF_WORK } from '../../bitcoin/proof-of-work';
import { ShareSearch } from './share-search';
import { seededRandom } from '../../random';
import { NUMBER_TARGETS } from '../../target-cache';
import { ConnectionTerms } from './connection-terms';
import { announceable } from '../../pool/job';
import { JobBoard } from '../../pool/job-board';
import { JobFactory } from '../../pool/job-factory';
import { DifficultyHistory } from '../../pool/difficulty-history';
import type { Verdict } from '../verdict';
import { rolledVersion, ShareCheck } from './share-check';

const NOW_MS = 1_700_000_000_000;
const DIFFICULTY = 1e-8;
const WORKERS = new Set(['acme.rig1']);

function subscribedTerms(difficulty = DIFFICULTY): ConnectionTerms {
  const terms = new ConnectionTerms(
    7,
    { extranonce2Bytes: 4, versionMask: 0x1fffe000 },
    new DifficultyHistory(difficulty),
  );
  terms.subscribe({ kind: 'request', id: 1, method: 'mining.subscribe', params: [] });
  return terms;
}

function setUp() {
  const random = seededRandom(1);
  const factory = new JobFactory({
    extranonce2Bytes: 4,
    branches: 3,
    jobBytes: 0,
    networkBits: 0x1703a30c,
    random,
    nowMs: () => NOW_MS,
  });
  const board = new JobBoard(factory, 1000);
  const terms = subscribedTerms();
  terms.difficulties.freeze(board.current.seq);
  const check = new ShareCheck(board, () => NOW_MS);
  const judge = (params: readonly unknown[]) => check.judge(params, terms, WORKERS);
  const search = () =>
    new ShareSearch({
      work: { ...board.current, jobId: board.current.id },
      proof: PROOFS_OF_WORK.sha256d,
      target: NUMBER_TARGETS.of(terms.difficulties.at(board.current.seq)).bytes,
      extranonce1: terms.extranonce1!,
      extranonce2Bytes: 4,
      versionMask: terms.versionMask,
    });
  const goodShare = (): unknown[] => {
    const share = search().next(100_000)!;
    return ['acme.rig1', share.jobId, share.extranonce2, share.ntime, share.nonce];
  };
  const altered = (at: number, value: unknown) => goodShare().with(at, value);
  return { board, terms, judge, goodShare, altered, search };
}

const refused = (reason: string, code: number): unknown =>
  expect.objectContaining({ kind: 'rejected', reason, code });

describe('ShareCheck', () => {
  it('accepts a share that meets the target', () => {
    const { judge, goodShare } = setUp();
    expect(judge(goodShare())).toEqual<Verdict>({ kind: 'accepted', target: NUMBER_TARGETS.of(DIFFICULTY) });
  });

  it('refuses the same share a second time, however its hex is written', () => {
    const { judge, goodShare } = setUp();
    const share = goodShare();
    judge(share);
    expect(judge(share)).toEqual(refused('duplicate', 22));
    expect(judge(share.with(4, String(share[4]).toUpperCase()))).toEqual(refused('duplicate', 22));
  });

  it('refuses a hash above the target', () => {
    const { judge, search } = setUp();
    const miss = search().nextMiss(1000)!;
    const params = ['acme.rig1', miss.jobId, miss.extranonce2, miss.ntime, miss.nonce];
    expect(judge(params)).toEqual(refused('low_difficulty', 23));
  });

  it('refuses a job of the block before, and takes one of the same block', () => {
    const { judge, goodShare, board } = setUp();
    const share = goodShare();
    board.renew(false);
    expect(judge(share).kind).toBe('accepted');
    board.renew(true);
    expect(judge(share)).toEqual({ kind: 'rejected', reason: 'stale', code: 21, text: 'Stale share' });
  });

  it('refuses a job that was never sent', () => {
    const { judge, altered } = setUp();
    for (const job of ['77', '', 'not-hex', '01', 1])
      expect(judge(altered(1, job))).toEqual(refused('stale', 21));
  });

  it('refuses a worker that has not logged in', () => {
    const { judge, altered } = setUp();
    expect(judge(altered(0, 'acme.rig2'))).toEqual(refused('unauthorized', 24));
    expect(judge([])).toEqual(refused('unauthorized', 24));
  });

  it('refuses everything before subscribe', () => {
    const { board, goodShare } = setUp();
    const strangers = new ConnectionTerms(
      8,
      { extranonce2Bytes: 4, versionMask: 0 },
      new DifficultyHistory(1),
    );
    const check = new ShareCheck(board, () => NOW_MS);
    expect(check.judge(goodShare(), strangers, WORKERS)).toEqual(refused('not_subscribed', 25));
  });

  it('refuses extranonces, times and nonces of the wrong size', () => {
    const { judge, altered } = setUp();
    for (const at of [2, 3, 4]) {
      for (const wrong of ['00', 'zzzzzzzz', '0000000000', 12, undefined]) {
        expect(judge(altered(at, wrong))).toEqual(refused('invalid', 20));
      }
    }
  });

  it('refuses a time before the job or more than two hours ahead', () => {
    const { judge, altered } = setUp();
    const hex = (seconds: number) => (NOW_MS / 1000 + seconds).toString(16);
    expect(judge(altered(3, hex(-1)))).toMatchObject({ text: 'Ntime out of range' });
    expect(judge(altered(3, hex(7201)))).toMatchObject({ text: 'Ntime out of range' });
    expect(judge(altered(3, hex(7200)))).not.toMatchObject({ text: 'Ntime out of range' });
  });

  it('refuses version bits that were not agreed on', () => {
    const { judge, altered, terms } = setUp();
    expect(judge([...altered(0, 'acme.rig1'), '00002000'])).toEqual(refused('invalid', 20));
    terms.versionMask = 0x1fffe000;
    expect(judge([...altered(0, 'acme.rig1'), '80000000'])).toEqual(refused('invalid', 20));
  });

  it('accepts a share with rolled version bits', () => {
    const { judge, search, terms } = setUp();
    terms.versionMask = 0x1fffe000;
    const share = search().next(100_000)!;
    expect(share.versionBits).not.toBe('00000000');
    const params = ['acme.rig1', share.jobId, share.extranonce2, share.ntime, share.nonce, share.versionBits];
    expect(judge(params).kind).toBe('accepted');
    expect(judge(params.slice(0, 5)).kind).toBe('rejected');
  });

  it('judges by the difficulty of the job, not by the one announced since', () => {
    const { judge, goodShare, board, terms } = setUp();
    const share = goodShare();
    terms.difficulties.announce(1e9);
    board.renew(false);
    terms.difficulties.freeze(board.current.seq);
    expect(judge(share)).toEqual({ kind: 'accepted', target: NUMBER_TARGETS.of(DIFFICULTY) });
    expect(judge(goodShareOf(board.current.id, share))).toEqual(refused('low_difficulty', 23));
  });

  /** The genesis block as a job: its own nonce is worth difficulty 2536.4 and no more. */
  it('finds the work of the genesis block in the genesis block', () => {
    const coinbase = Buffer.from(GENESIS_COINBASE, 'hex');
    const job = announceable({
      seq: 1,
      id: '1',
      clean: true,
      height: 0,
      previous: Buffer.alloc(32),
      coinb1: coinbase.subarray(0, 60),
      coinb2: coinbase.subarray(68),
      branches: [],
      version: 1,
      nbits: 0x1d00ffff,
      ntime: 0x495fab29,
    });
    const params = ['acme.rig1', '1', coinbase.subarray(64, 68).toString('hex'), '495fab29', '7c2bac1d'];
    const judgeAt = (difficulty: number) => {
      const terms = subscribedTerms(difficulty);
      terms.extranonce1 = coinbase.subarray(60, 64);
      return new ShareCheck({ find: () => job }, () => NOW_MS).judge(params, terms, WORKERS);
    };
    expect(judgeAt(2537)).toEqual(refused('low_difficulty', 23));
    expect(judgeAt(2536)).toEqual({ kind: 'accepted', target: NUMBER_TARGETS.of(2536) });
  });
});

describe('rolledVersion', () => {
  it('replaces the bits of the mask and no others (BIP 310)', () => {
    expect(rolledVersion(0x20000000, undefined, 0)).toBe(0x20000000);
    expect(rolledVersion(0x20002000, '00c00000', 0x1fffe000)).toBe(0x20c00000);
    expect(rolledVersion(0x20000000, '00000001', 0x1fffe000)).toBeUndefined();
    expect(rolledVersion(0x20000000, 'c00000', 0x1fffe000)).toBeUndefined();
  });
});

function goodShareOf(job: string, share: readonly unknown[]): unknown[] {
  return share.with(1, job);
}

const GENESIS_COINBASE =
  '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054' +
  '696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420' +
  '666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61' +
  'deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000';
