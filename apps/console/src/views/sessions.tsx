import { useState } from 'preact/hooks';
import { ask } from '../api/ask';
import type { Refused, Session, SessionsAnswer } from '../api/types';
import { useAnswer } from '../api/use-answer';
import { count, difficulty, hashrate } from '../format/numbers';
import { ago, duration } from '../format/times';
import { Change, Fault, State, Table } from '../parts/parts';

const PAGE = 200;

/** Connections that are open, and who was turned away. */
export function Sessions() {
  const [cursors, setCursors] = useState<readonly string[]>(['0']);
  const cursor = cursors.at(-1) ?? '0';
  const { answer, fault, again } = useAnswer<SessionsAnswer>(
    `/sessions?limit=${PAGE}&cursor=${cursor}`,
    5_000,
  );
  const { answer: refusals, fault: noRefusals } = useAnswer<Refused>('/sessions/refused', 5_000);
  return (
    <>
      <section aria-labelledby="sessions">
        <h2 id="sessions">Sessions</h2>
        <Fault text={fault} />
        <Table
          caption="Sessions"
          rows={answer?.sessions ?? []}
          keyOf={({ session_id }) => session_id}
          nothing={answer ? 'No session is open.' : 'Looking…'}
          columns={[
            { head: 'Worker', cell: ({ workers }) => workers[0] ?? '–' },
            { head: 'Client', cell: ({ client_id }) => client_id },
            { head: 'From', cell: ({ source }) => source },
            { head: 'Pool', cell: ({ pool_host }) => pool_host },
            { head: 'Its job pays', cell: ({ payouts }) => <Paid payouts={payouts} /> },
            { head: 'Hashrate', cell: (row) => hashrate(row.hashrate_estimate), isNumber: true },
            { head: 'Accepted', cell: ({ accepted }) => count(accepted), isNumber: true },
            { head: 'Rejected', cell: ({ rejected }) => count(rejected), isNumber: true },
            { head: 'Difficulty', cell: (row) => difficulty(row.difficulty), isNumber: true },
            { head: 'Open for', cell: ({ age_s }) => duration(age_s), isNumber: true },
            {
              head: 'Close',
              cell: ({ session_id, workers }) => (
                <Change
                  label="Close"
                  question={`Close the session of ${workers[0] ?? session_id}? Shares under way are answered first; its miner may come back.`}
                  act={() => ask(`/sessions/${encodeURIComponent(session_id)}`, 'DELETE').then(again)}
                />
              ),
            },
          ]}
        />
        <div class="row">
          {cursors.length > 1 && (
            <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
              Previous {PAGE}
            </button>
          )}
          {answer?.next_cursor != null && (
            <button type="button" onClick={() => setCursors([...cursors, answer.next_cursor ?? '0'])}>
              Next {PAGE}
            </button>
          )}
        </div>
      </section>
      <section aria-labelledby="refused">
        <h2 id="refused">Turned away lately</h2>
        <Fault text={noRefusals} />
        <Table
          caption="Turned away lately"
          rows={refusals?.refused ?? []}
          keyOf={({ reason, address, listener, client_id }) =>
            [reason, address, listener, client_id].join(' ')
          }
          nothing="Nobody."
          columns={[
            { head: 'Reason', cell: ({ reason }) => reason },
            { head: 'Address', cell: ({ address }) => address },
            { head: 'Client', cell: ({ client_id }) => client_id ?? '–' },
            { head: 'Listener', cell: ({ listener }) => listener },
            { head: 'Times', cell: (row) => count(row.count), isNumber: true },
            { head: 'Last', cell: ({ last_at }) => ago(last_at, Date.now()), isNumber: true },
          ]}
        />
      </section>
    </>
  );
}

/** Whom a job would pay: the first one, and how many more; and a word where the client has said whom it should. */
function Paid({ payouts }: { payouts: Session['payouts'] }) {
  const [first] = payouts?.outputs ?? [];
  if (!payouts || !first) return <>–</>;
  const whom = first.address ?? first.script;
  const others = payouts.outputs.length - 1 + payouts.more;
  return (
    <span title={payouts.outputs.map(({ address, script }) => address ?? script).join('\n')}>
      {payouts.pays_client !== null && <State is={payouts.pays_client ? 'own' : 'foreign'} />}{' '}
      {whom.length > 14 ? `${whom.slice(0, 6)}…${whom.slice(-6)}` : whom}
      {others > 0 && ` and ${count(others)} more`}
    </span>
  );
}
