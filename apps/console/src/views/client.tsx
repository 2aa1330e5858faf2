import { useMemo, useState } from 'preact/hooks';
import type { HistoryAnswer } from '../api/types';
import { useAnswer } from '../api/use-answer';
import { count, hashrate, percent } from '../format/numbers';
import { Fault } from '../parts/parts';
import { Plot } from '../parts/plot';
import { Workers } from './workers';

const HOUR_MS = 3_600_000;
const SPANS = {
  '24 h': { hours: 24, step: 'hour' },
  '7 d': { hours: 168, step: 'hour' },
  '30 d': { hours: 720, step: 'day' },
} as const;
type Span = keyof typeof SPANS;

/** One client over time, out of the ledger, and its workers. */
export function Client({ clientId, canLeave }: { clientId: string; canLeave: boolean }) {
  const [span, setSpan] = useState<Span>('24 h');
  const { hours, step } = SPANS[span];
  const to = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
  const query = new URLSearchParams({
    client_id: clientId,
    step,
    from: hour(to - hours * HOUR_MS),
    to: hour(to),
  });
  const { answer, fault } = useAnswer<HistoryAnswer>(`/history?${query.toString()}`, 60_000);
  const drawn = useMemo(() => {
    const points = answer?.points ?? [];
    return {
      times: points.map(({ at }) => Date.parse(at) / 1000),
      rates: points.map((point) => point.hashrate),
      rejects: points.map((point) => point.reject_rate),
      workers: points.map((point) => point.workers),
    };
  }, [answer]);
  return (
    <>
      <section aria-labelledby="client">
        <h2 id="client">{canLeave ? `Client ${clientId}` : clientId}</h2>
        <div class="row" role="group" aria-label="Time shown">
          {(Object.keys(SPANS) as Span[]).map((name) => (
            <button key={name} type="button" aria-pressed={name === span} onClick={() => setSpan(name)}>
              {name}
            </button>
          ))}
        </div>
        <Fault text={fault} />
        {answer && drawn.times.length === 0 && <p class="nothing">No share in this time.</p>}
        {drawn.times.length > 0 && (
          <div class="plots">
            <Plot title="Hashrate" times={drawn.times} values={drawn.rates} show={hashrate} />
            <Plot title="Rejected shares" times={drawn.times} values={drawn.rejects} show={percent} />
            <Plot title="Workers" times={drawn.times} values={drawn.workers} show={count} />
          </div>
        )}
      </section>
      <Workers clientId={clientId} />
    </>
  );
}

function hour(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 13)}:00Z`;
}
