import { useState } from 'preact/hooks';
import { ask } from '../api/ask';
import { snapshot } from '../api/live';
import type { Statement, UsageAnswer } from '../api/types';
import { useAnswer } from '../api/use-answer';
import { partOf } from '../format/numbers';
import { utc } from '../format/times';
import { Change, Fault, Table } from '../parts/parts';

/** Usage of a month by client, a client's statement, and closing the month. */
export function Billing({ ownId }: { ownId: string | null }) {
  const [month, setMonth] = useState(new Date().toISOString().slice(0, 7));
  const [chosen, setChosen] = useState(ownId ?? '');
  const isMonth = /^\d{4}-\d{2}$/.test(month);
  const range = isMonth ? `from=${month}-01&to=${nextMonth(month)}-01` : '';
  const { answer, fault } = useAnswer<UsageAnswer>(
    isMonth ? `/billing/usage?${range}&group_by=client` : undefined,
  );
  const path = `/billing/statements/${encodeURIComponent(chosen)}/${month}`;
  const {
    answer: statement,
    fault: noStatement,
    again,
  } = useAnswer<Statement>(chosen !== '' && isMonth ? path : undefined);
  return (
    <>
      <section aria-labelledby="billing" class="no-print">
        <h2 id="billing">Billing</h2>
        <div class="row">
          <label>
            Month{' '}
            <input
              type="month"
              value={month}
              onInput={({ currentTarget }) => setMonth(currentTarget.value)}
            />
          </label>
          <a href={`/billing/usage?${range}&group_by=client,worker&format=csv`}>CSV by worker</a>
          {ownId === null && (
            <Change
              label="Close the month"
              question={`Close ${month} for good? Its statements are frozen; what comes later becomes a correction.`}
              act={() => ask(`/billing/periods/${month}/close`, 'POST').then(again)}
            />
          )}
        </div>
        <Fault text={fault} />
        <Table
          caption={`Usage in ${month}`}
          rows={answer?.rows ?? []}
          keyOf={({ client_id }) => client_id ?? ''}
          nothing={answer ? 'No usage in this month.' : 'Looking…'}
          columns={[
            {
              head: 'Client',
              cell: ({ client_id = '' }) => (
                <button
                  type="button"
                  aria-pressed={client_id === chosen}
                  onClick={() => setChosen(client_id)}
                >
                  {client_id}
                </button>
              ),
            },
            { head: 'Accepted', cell: ({ accepted = '' }) => grouped(accepted), isNumber: true },
            {
              head: 'Rejected',
              cell: ({ accepted, rejected }) => partOf(Number(rejected), Number(accepted) + Number(rejected)),
              isNumber: true,
            },
            {
              head: 'Work, hashes',
              cell: ({ accepted_hashes = '' }) => grouped(accepted_hashes),
              isNumber: true,
            },
            { head: 'Sent, bytes', cell: ({ bytes_sent = '' }) => grouped(bytes_sent), isNumber: true },
            {
              head: 'Received, bytes',
              cell: ({ bytes_received = '' }) => grouped(bytes_received),
              isNumber: true,
            },
          ]}
        />
      </section>
      <Fault text={noStatement} />
      {statement && <Invoice statement={statement} />}
    </>
  );
}

/** A statement on one page, as it is printed. */
function Invoice({ statement }: { statement: Statement }) {
  const { client_id, month, usage, closed, amounts, total, uptime } = statement;
  const name = snapshot.value?.clients.find((client) => client.client_id === client_id)?.name ?? client_id;
  const operator = snapshot.value?.operator_name ?? null;
  const figures: readonly [string, string][] = [
    ['Accepted shares', grouped(usage.accepted ?? '')],
    ['Rejected shares', `${grouped(usage.rejected ?? '')} (${percentText(statement.reject_rate)})`],
    ['Work, hashes', grouped(usage.accepted_hashes ?? '')],
    ['Work, TH/s-days', usage.terahash_days ?? '–'],
    ['Bytes to the pool', grouped(usage.bytes_sent ?? '')],
    ['Bytes from the pool', grouped(usage.bytes_received ?? '')],
    ['Uptime', uptime.ratio === null ? '–' : percentText(uptime.ratio)],
  ];
  return (
    <section aria-labelledby="statement" class="invoice">
      <div class="row">
        <h2 id="statement">
          Statement {month}: {name}
        </h2>
        <button type="button" class="no-print" onClick={() => window.print()}>
          Print
        </button>
      </div>
      {operator !== null && (
        <p>
          From {operator} to {name}
          {name === client_id ? '' : ` (${client_id})`}
        </p>
      )}
      <p>
        {closed === null
          ? 'This month is not closed: its numbers may still grow.'
          : `Closed ${utc(closed.closed_at)}; made by mining-proxy ${snapshot.value?.version ?? ''}.`}
      </p>
      <table>
        <caption class="hidden">Usage</caption>
        <tbody>
          {figures.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {amounts !== null && (
        <table>
          <caption class="hidden">Amounts</caption>
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col" class="number">
                Quantity
              </th>
              <th scope="col" class="number">
                {amounts.currency}
              </th>
            </tr>
          </thead>
          <tbody>
            {amounts.lines.map(({ item, quantity, amount }) => (
              <tr key={item}>
                <th scope="row">{item.replaceAll('_', ' ')}</th>
                <td class="number">{quantity}</td>
                <td class="number">{amount}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Total</th>
              <td />
              <td class="number">
                <strong>{total ?? '–'}</strong>
              </td>
            </tr>
          </tfoot>
        </table>
      )}
      {closed !== null && (
        <p class="hash">
          SHA-256 over the month&apos;s rows: <code>{closed.sha256}</code>. Whoever runs the proxy can verify
          it with <code>verify {month}</code>.
        </p>
      )}
      {statement.signature && (
        <p class="hash">
          Signed with key <code>{statement.signature.key_id}</code> (Ed25519):{' '}
          <code>{statement.signature.value}</code>. The statement as JSON is verified with{' '}
          <code>verify-statement</code> and the public key at <code>/billing/public-key</code>.
        </p>
      )}
    </section>
  );
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ' ');
}

function percentText(part: string): string {
  return `${(Number(part) * 100).toFixed(2)} %`;
}

function nextMonth(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number)).toISOString().slice(0, 7);
}
