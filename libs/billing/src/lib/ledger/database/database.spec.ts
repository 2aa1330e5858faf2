import { sql } from 'kysely';
import { openDatabase } from './database';

describe('the ledger in a file', () => {
  it('says why a transaction failed that SQLite has ended by itself', async () => {
    const ledger = openDatabase({ kind: 'sqlite', file: ':memory:' });
    const { tables } = ledger;
    await sql`create table once (id integer primary key)`.execute(tables);
    const twice = tables.transaction().execute(async (step) => {
      await sql`insert into once values (1)`.execute(step);
      // As a full disk does: the statement fails, and the transaction is over.
      await sql`insert or rollback into once values (1)`.execute(step);
    });
    await expect(twice).rejects.toThrow('UNIQUE constraint failed');
    const { rows } = await sql`select * from once`.execute(tables);
    expect(rows).toEqual([]);
    await ledger.close();
  });
});
