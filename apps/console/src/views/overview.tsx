import { snapshot } from '../api/live';
import type { Snapshot } from '../api/types';
import { count, hashrate, partOf } from '../format/numbers';
import { duration } from '../format/times';
import { Figure, State, Table } from '../parts/parts';
import { hrefOf } from '../route';

/** Everything at one look, and first what somebody has to look at. */
export function Overview() {
  const now = snapshot.value;
  if (!now) return <p class="nothing">Waiting for the first numbers…</p>;
  const answered = now.accepted + now.rejected;
  const reasons = Object.entries(now.rejected_by).sort(([, a], [, b]) => b - a);
  return (
    <>
      {now.role === 'admin' && (
        <section aria-labelledby="attention">
          <h2 id="attention">Needs attention</h2>
          {now.attention.length === 0 ? (
            <p class="nothing">Nothing: all is well.</p>
          ) : (
            <ul class="attention">
              {now.attention.slice(0, 20).map(({ level, text, view, client_id }) => (
                <li key={text} class={level}>
                  <State is={level} />
                  <a href={hrefOf(view, client_id)}>{text}</a>
                </li>
              ))}
            </ul>
          )}
        </section>
      )}
      <section aria-labelledby="now">
        <h2 id="now">Now</h2>
        <dl class="figures">
          <Figure name="Hashrate, 10 min" value={hashrate(now.hashrate)} />
          <Figure
            name="Workers mining"
            value={count(now.workers.mining)}
            detail={`${count(now.workers.silent)} silent, ${count(now.workers.gone)} gone`}
          />
          <Figure
            name="Sessions"
            value={count(now.active_connections)}
            detail={now.max_connections === null ? undefined : `of ${count(now.max_connections)} at most`}
          />
          <Figure
            name="Rejected shares"
            value={partOf(now.rejected, answered)}
            detail={
              reasons.length === 0
                ? `none of ${count(answered)}`
                : reasons.map(([reason, times]) => `${count(times)} ${reason}`).join(', ')
            }
          />
          {now.audit !== null && <Audited audit={now.audit} />}
          <Figure name="Ledger behind" value={duration(now.ledger_lag_s)} />
          <Figure name="Running" value={duration(now.uptime_s)} detail={`version ${now.version}`} />
        </dl>
      </section>
      {now.role === 'admin' && (
        <section aria-labelledby="pools">
          <h2 id="pools">Pools</h2>
          <Table
            caption="Pools"
            rows={now.pools}
            keyOf={({ name }) => name}
            nothing="No pool"
            columns={[
              { head: 'Pool', cell: ({ name }) => name },
              { head: 'State', cell: ({ state }) => <State is={state} /> },
              { head: 'Sessions', cell: ({ sessions }) => count(sessions), isNumber: true },
              {
                head: 'Dial',
                cell: ({ dial_latency_ms: ms }) => (ms === null ? '–' : `${Math.round(ms)} ms`),
                isNumber: true,
              },
            ]}
          />
        </section>
      )}
    </>
  );
}

/** What the hashes of shares say. */
function Audited({ audit }: { audit: NonNullable<Snapshot['audit']> }) {
  const checked = audit.valid + audit.below_target + audit.duplicate;
  const details = [
    `of ${count(checked)} that were checked`,
    audit.below_target > 0 && `${count(audit.below_target)} below target`,
    audit.duplicate > 0 && `${count(audit.duplicate)} duplicate`,
    audit.valid_refused > 0 && `${count(audit.valid_refused)} valid and refused`,
    audit.worthless_accepted > 0 && `${count(audit.worthless_accepted)} worthless and accepted`,
    audit.blocks > 0 && `${count(audit.blocks)} block candidates`,
  ];
  return (
    <Figure
      name="Valid by their hash"
      value={partOf(audit.valid, checked)}
      detail={details.filter((detail) => detail !== false).join(', ')}
    />
  );
}
