import { CompiledQuery, type Compilable, type Kysely } from 'kysely';
import type { LedgerKind } from './database';
import type { LedgerTables } from './schema';

/**
 * How many items one statement takes, the most first. A server is a round trip away, so that few statements are
 * best; a file answers at once, and its library keeps memory for every parameter of a statement.
 */
const BLOCKS: Readonly<Record<LedgerKind, readonly number[]>> = {
  sqlite: [25, 5, 1],
  postgres: [500, 100, 20, 5, 1],
};

/** The values of one row, in the order of a statement's columns. */
export type RowValues = readonly (string | bigint | null)[];

/**
 * A statement about any number of rows, run in blocks of few sizes, whose text is made once for each size. A new one for
 * each batch of the fold, with all rows in it, took longer to make and to prepare than to run.
 */
export class BlockStatement<Row, Answer = unknown> {
  private readonly texts = new Map<string, string>();

  /**
   * `make` builds the statement for a block of rows, whose members are in the order of `columns`. It has to bind all
   * their values, row by row, and its text may depend on nothing but how many there are.
   */
  constructor(
    private readonly columns: readonly (keyof Row & string)[],
    private readonly make: (step: Kysely<LedgerTables>, block: readonly Row[]) => Compilable,
  ) {}

  /** Resolves to what the statement answers. `leading`: values that it binds before those of the rows. */
  async run(
    step: Kysely<LedgerTables>,
    kind: LedgerKind,
    rows: readonly RowValues[],
    leading: RowValues = [],
  ): Promise<Answer[]> {
    const answers: Answer[] = [];
    let start = 0;
    for (const size of BLOCKS[kind]) {
      for (; start + size <= rows.length; start += size) {
        const block = rows.slice(start, start + size);
        const query = CompiledQuery.raw(this.textFor(step, kind, block), valuesOf(leading, block));
        const { rows: answer } = await step.executeQuery<Answer>(query);
        for (const one of answer) answers.push(one);
      }
    }
    return answers;
  }

  private textFor(step: Kysely<LedgerTables>, kind: LedgerKind, block: readonly RowValues[]): string {
    const key = `${kind} ${block.length}`;
    let text = this.texts.get(key);
    if (text === undefined) {
      const example = block.map((row) => this.named(row));
      text = this.make(step, example).compile().sql;
      this.texts.set(key, text);
    }
    return text;
  }

  private named(row: RowValues): Row {
    return Object.fromEntries(this.columns.map((column, index) => [column, row[index]])) as Row;
  }
}

/** All values one after the other. Not by `flat`, which took a tenth of a fold. */
function valuesOf(leading: readonly unknown[], block: readonly RowValues[]): unknown[] {
  const values = [...leading];
  for (const row of block) for (const value of row) values.push(value);
  return values;
}
