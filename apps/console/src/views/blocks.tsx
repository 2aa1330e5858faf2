import { useState } from 'preact/hooks';
import type { BlocksAnswer } from '../api/types';
import { useAnswer } from '../api/use-answer';
import { utc } from '../format/times';
import { Fault, State, Table } from '../parts/parts';

const PAGE = 100;

/** Shares that met the network's target: blocks, if the network took them. */
export function Blocks({ isAdmin }: { isAdmin: boolean }) {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const query = new URLSearchParams({ limit: String(PAGE) });
  const cursor = cursors.at(-1);
  if (cursor !== undefined) query.set('cursor', cursor);
  const { answer, fault } = useAnswer<BlocksAnswer>(`/blocks?${query.toString()}`, 30_000);
  return (
    <section aria-labelledby="blocks">
      <h2 id="blocks">Block candidates</h2>
      <p class="detail">
        Shares whose hash meets the network&apos;s target of their job. Whether the network took one, a block
        explorer says by its hash.
      </p>
      <Fault text={fault} />
      <Table
        caption="Block candidates"
        rows={answer?.blocks ?? []}
        keyOf={({ hash }) => hash}
        nothing={answer ? 'None so far.' : 'Looking…'}
        columns={[
          { head: 'Found', cell: (block) => utc(block.found_at) },
          { head: 'Height', cell: ({ height }) => height ?? '–', isNumber: true },
          { head: 'Worker', cell: ({ worker }) => worker ?? '–' },
          ...(isAdmin ? [{ head: 'Client', cell: (block: { client_id: string }) => block.client_id }] : []),
          { head: 'Pool', cell: ({ pool_host }) => pool_host },
          { head: 'Job', cell: ({ job }) => job },
          { head: 'The pool said', cell: ({ outcome }) => <State is={outcome} /> },
          { head: 'Hash', cell: ({ hash }) => <code>{hash}</code> },
        ]}
      />
      <div class="row">
        {cursors.length > 0 && (
          <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
            Previous {PAGE}
          </button>
        )}
        {answer?.next_cursor != null && (
          <button type="button" onClick={() => setCursors([...cursors, answer.next_cursor ?? ''])}>
            Next {PAGE}
          </button>
        )}
      </div>
    </section>
  );
}
