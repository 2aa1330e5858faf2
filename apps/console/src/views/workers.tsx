import { useState } from 'preact/hooks';
import type { WorkerState, WorkersAnswer } from '../api/types';
import { useAnswer } from '../api/use-answer';
import { count, difficulty, hashrateWithError, partOf } from '../format/numbers';
import { ago } from '../format/times';
import { Fault, State, Table } from '../parts/parts';
import { hrefOf } from '../route';

/** Rows at a time: to draw twice as many holds the page for longer than is not noticed. */
const PAGE = 100;
const SORTS = {
  trouble: 'trouble first',
  hashrate: 'hashrate',
  name: 'name',
  last_share: 'last share',
} as const;

/** The machines, those first that somebody has to look at. */
export function Workers({ clientId }: { clientId?: string | undefined }) {
  const [state, setState] = useState<WorkerState | ''>('');
  const [text, setText] = useState('');
  const [sort, setSort] = useState<keyof typeof SORTS>('trouble');
  const [offset, setOffset] = useState(0);
  const query = new URLSearchParams({ sort, limit: String(PAGE), cursor: String(offset) });
  if (clientId !== undefined) query.set('client_id', clientId);
  if (state !== '') query.set('state', state);
  if (text !== '') query.set('q', text);
  const { answer, fault } = useAnswer<WorkersAnswer>(`/workers?${query.toString()}`, 5_000);
  const now = Date.now();
  const counts = answer?.counts ?? { mining: 0, silent: 0, gone: 0 };
  const choose = (chosen: WorkerState | ''): void => {
    setState(chosen);
    setOffset(0);
  };
  query.set('format', 'csv');
  return (
    <section aria-labelledby="workers">
      <h2 id="workers">Workers</h2>
      <div class="row">
        <div class="row" role="group" aria-label="State">
          <button type="button" aria-pressed={state === ''} onClick={() => choose('')}>
            all {count(counts.mining + counts.silent + counts.gone)}
          </button>
          {(['mining', 'silent', 'gone'] as const).map((name) => (
            <button key={name} type="button" aria-pressed={state === name} onClick={() => choose(name)}>
              {name} {count(counts[name])}
            </button>
          ))}
        </div>
        <label>
          Find{' '}
          <input
            type="search"
            value={text}
            onInput={({ currentTarget }) => {
              setText(currentTarget.value);
              setOffset(0);
            }}
          />
        </label>
        <label>
          Order{' '}
          <select
            value={sort}
            onChange={({ currentTarget }) => setSort(currentTarget.value as keyof typeof SORTS)}
          >
            {Object.entries(SORTS).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <a href={`/workers?${query.toString()}`}>CSV</a>
      </div>
      <Fault text={fault} />
      <Table
        caption="Workers"
        rows={answer?.workers ?? []}
        keyOf={({ client_id, worker }) => `${client_id} ${worker}`}
        nothing={answer ? 'No worker is like this.' : 'Looking…'}
        columns={[
          { head: 'Worker', cell: ({ worker }) => worker },
          ...(clientId === undefined
            ? [
                {
                  head: 'Client',
                  cell: ({ client_id }: { client_id: string }) => (
                    <a href={hrefOf('client', client_id)}>{client_id}</a>
                  ),
                },
              ]
            : []),
          { head: 'State', cell: (row) => <State is={row.state} /> },
          {
            head: '10 min',
            cell: (row) => hashrateWithError(row.hashrate_10m, row.error_10m),
            isNumber: true,
          },
          { head: '1 h', cell: (row) => hashrateWithError(row.hashrate_1h, row.error_1h), isNumber: true },
          { head: '24 h', cell: (row) => hashrateWithError(row.hashrate_24h, row.error_24h), isNumber: true },
          {
            head: 'Rejected, 24 h',
            cell: (row) => partOf(row.rejected_24h, row.accepted_24h + row.rejected_24h),
            isNumber: true,
          },
          { head: 'Last share', cell: (row) => ago(row.last_share_at, now), isNumber: true },
          { head: 'Difficulty', cell: (row) => difficulty(row.difficulty), isNumber: true },
          { head: 'Miner', cell: ({ agent }) => agent ?? '–' },
        ]}
      />
      <div class="row">
        {offset > 0 && (
          <button type="button" onClick={() => setOffset(Math.max(0, offset - PAGE))}>
            Previous {PAGE}
          </button>
        )}
        {answer?.next_cursor != null && (
          <button type="button" onClick={() => setOffset(offset + PAGE)}>
            Next {PAGE}
          </button>
        )}
      </div>
    </section>
  );
}
