import { ask } from '../api/ask';
import { snapshot } from '../api/live';
import type { Pool } from '../api/types';
import { useAnswer } from '../api/use-answer';
import { count } from '../format/numbers';
import { ago } from '../format/times';
import { Change, Fault, State, Table } from '../parts/parts';

/** The pools, their health, and taking one out of use. */
export function Pools() {
  const { answer, fault, again } = useAnswer<{ readonly pools: readonly Pool[] }>('/pools', 2_000);
  const rows = answer?.pools ?? snapshot.value?.pools ?? [];
  const change = (name: string, what: 'drain' | 'resume') =>
    ask(`/pools/${encodeURIComponent(name)}/${what}`, 'POST').then(again);
  return (
    <section aria-labelledby="pools">
      <h2 id="pools">Pools</h2>
      <Fault text={fault} />
      <Table
        caption="Pools"
        rows={rows}
        keyOf={({ name }) => name}
        nothing="No pool"
        columns={[
          { head: 'Pool', cell: ({ name }) => name },
          { head: 'Address', cell: ({ pool_host }) => pool_host },
          { head: 'State', cell: ({ state }) => <State is={state} /> },
          { head: 'Since', cell: ({ since }) => ago(since, Date.now()), isNumber: true },
          { head: 'Priority', cell: ({ priority }) => count(priority), isNumber: true },
          { head: 'Sessions', cell: ({ sessions }) => count(sessions), isNumber: true },
          { head: 'Dial', cell: ({ dial_latency_ms }) => milliseconds(dial_latency_ms), isNumber: true },
          {
            head: 'Answer',
            cell: ({ answer_latency_ms }) => milliseconds(answer_latency_ms),
            isNumber: true,
          },
          { head: 'Moved away', cell: ({ failovers }) => count(failovers), isNumber: true },
          { head: 'Why', cell: ({ reason }) => reason ?? '–' },
          {
            head: 'Change',
            cell: ({ name, state, sessions }) =>
              state === 'drained' ? (
                <Change
                  label="Resume"
                  question={`Take pool ${name} back into use?`}
                  act={() => change(name, 'resume')}
                />
              ) : (
                <Change
                  label="Drain"
                  question={`Take pool ${name} out of use? Its ${count(sessions)} sessions are closed in order, spread, and their miners go to other pools.`}
                  act={() => change(name, 'drain')}
                />
              ),
          },
        ]}
      />
    </section>
  );
}

function milliseconds(ms: number | null): string {
  return ms === null ? '–' : `${Math.round(ms * 10) / 10} ms`;
}
