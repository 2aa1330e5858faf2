import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';

/** A number with its name and what it is made of. */
export function Figure({ name, value, detail }: { name: string; value: string; detail?: ComponentChildren }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        {detail !== undefined && <span class="detail">{detail}</span>}
      </dd>
    </div>
  );
}

/** A state as a colour with its word beside it. */
export function State({ is }: { is: string }) {
  return <span class={`state state-${is}`}>{is}</span>;
}

export function Fault({ text }: { text: string | undefined }) {
  return text === undefined ? null : (
    <p class="fault" role="alert">
      {text}
    </p>
  );
}

/** A column: what stands above it, and what of a row stands in it. */
export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly isNumber?: boolean;
}

/** A table that scrolls by itself where the page is narrow. */
export function Table<T>({
  caption,
  columns,
  rows,
  keyOf,
  nothing,
}: {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  nothing: string;
}) {
  if (rows.length === 0) return <p class="nothing">{nothing}</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, isNumber }) => (
              <th key={head} scope="col" class={isNumber ? 'number' : ''}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ head, cell, isNumber }) => (
                <td key={head} class={isNumber ? 'number' : ''}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A button that asks once before it changes something, and says what went wrong. */
export function Change({
  label,
  question,
  act,
}: {
  label: string;
  question: string;
  act: () => Promise<unknown>;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [fault, setFault] = useState<string>();
  const confirm = (): void => {
    act().then(
      () => dialog.current?.close(),
      (error: unknown) => setFault(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <>
      <button
        type="button"
        onClick={() => {
          setFault(undefined);
          dialog.current?.showModal();
        }}
      >
        {label}
      </button>
      <dialog ref={dialog} aria-label={label}>
        <p>{question}</p>
        <Fault text={fault} />
        <div class="row">
          <button type="button" class="primary" onClick={confirm}>
            {label}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </dialog>
    </>
  );
}
