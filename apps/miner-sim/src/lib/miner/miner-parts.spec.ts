import { announceable, type JobFields } from '../pool/job';
import { seededRandom } from '../random';
import { FaultPlan } from './fault-plan';
import { LatencyHistogram } from './latency';
import { Outstanding } from './outstanding';
import { outcomeOf } from './outcome';
import { Pacer } from './pacer';
import { readWork, WorkReader } from '../dialects/stratum1/work';

describe('outcomeOf', () => {
  const outcome = (result: unknown, error: unknown) => outcomeOf({ kind: 'answer', id: 1, result, error });

  it('takes only true without an error for accepted', () => {
    expect(outcome(true, null).kind).toBe('accepted');
    expect(outcome(true, [21, 'Stale', null])).toEqual({ kind: 'rejected', text: '21 Stale' });
    expect(outcome(null, [22, 'Duplicate share', null])).toEqual({
      kind: 'rejected',
      text: '22 Duplicate share',
    });
    expect(outcome(null, null).kind).toBe('rejected');
    expect(outcome(false, null).kind).toBe('rejected');
    expect(outcome('perhaps', null).kind).toBe('unknown');
  });
});

describe('Outstanding', () => {
  it('matches by typed id, first in first out', () => {
    const outstanding = new Outstanding<string>();
    outstanding.add(4, 'first');
    outstanding.add(4, 'second');
    outstanding.add('4', 'text');
    expect([4, 4, 4, '4', null].map((id) => outstanding.take(id))).toEqual([
      'first',
      'second',
      undefined,
      'text',
      undefined,
    ]);
    expect(outstanding.size).toBe(0);
  });
});

describe('LatencyHistogram', () => {
  it('gives quantiles to about one percent and the maximum exactly', () => {
    const latency = new LatencyHistogram();
    for (let ms = 1; ms <= 1000; ms += 1) latency.record(ms);
    const { p50, p99, max } = latency.summary();
    expect(p50 / 500).toBeCloseTo(1, 1);
    expect(p99 / 990).toBeCloseTo(1, 1);
    expect(max).toBe(1000);
  });

  it('is zero when nothing was recorded', () => {
    expect(new LatencyHistogram().summary()).toEqual({ p50: 0, p99: 0, max: 0 });
  });
});

describe('Pacer', () => {
  it('gives turns at its rate, however often it is asked', () => {
    const pacer = new Pacer(10, 0);
    expect([50, 100, 150, 1000].map((now) => pacer.due(now))).toEqual([0, 1, 0, 9]);
  });

  it('does not make up for a long stall', () => {
    const pacer = new Pacer(10, 0);
    expect(pacer.due(60_000)).toBe(10);
    expect(pacer.due(60_100)).toBe(1);
  });
});

describe('FaultPlan', () => {
  it('makes counted faults first and then none', () => {
    const plan = new FaultPlan({ counts: { stale: 2, bad_nonce: 1 }, rates: {} }, seededRandom(1));
    const chosen = Array.from({ length: 5 }, () => {
      const fault = plan.choose();
      if (fault !== undefined) plan.done(fault);
      return fault;
    });
    expect(chosen).toEqual(['stale', 'stale', 'bad_nonce', undefined, undefined]);
    expect(plan.summary()).toEqual({ stale: 2, bad_nonce: 1 });
  });

  it('passes a counted fault over that cannot be made yet', () => {
    const plan = new FaultPlan({ counts: { duplicate: 1 }, rates: {} }, seededRandom(1));
    expect([plan.choose(), plan.choose()]).toEqual(['duplicate', 'duplicate']);
  });

  it('chooses the same for the same seed, at the rates asked for', () => {
    const draw = (seed: number) => {
      const plan = new FaultPlan({ counts: {}, rates: { stale: 0.1, duplicate: 0.3 } }, seededRandom(seed));
      return Array.from({ length: 2000 }, () => plan.choose());
    };
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
    expect(draw(5).filter((fault) => fault === 'duplicate').length / 2000).toBeCloseTo(0.3, 1);
  });
});

describe('readWork', () => {
  const fields: JobFields = {
    seq: 26,
    id: '1a',
    clean: true,
    height: 840_000,
    previous: Buffer.alloc(32, 7),
    coinb1: Buffer.from('0102', 'hex'),
    coinb2: Buffer.from('0304', 'hex'),
    branches: [Buffer.alloc(32, 9)],
    version: 0x20000000,
    nbits: 0x1703a30c,
    ntime: 0x66b3a1f9,
  };
  const line = announceable(fields).line.subarray(0, -1);
  const { params } = JSON.parse(line.toString()) as { params: unknown[] };

  it('reads what a pool announces', () => {
    const { id, previous, coinb1, coinb2, branches, version, nbits, ntime, clean } = fields;
    const work = { jobId: id, previous, coinb1, coinb2, branches, version, nbits, ntime, clean };
    expect(readWork(params)).toEqual(work);
  });

  it('refuses what is not a job', () => {
    expect(readWork([])).toBeUndefined();
    expect(readWork(params.with(4, 'no branches'))).toBeUndefined();
  });

  it('knows an identical line again without reading it', () => {
    const reader = new WorkReader();
    const work = readWork(params)!;
    reader.remember(Buffer.from(line), work);
    expect(reader.known(line, 0, line.length)).toBe(work);
    expect(reader.known(line, 1, line.length)).toBeUndefined();
  });
});
