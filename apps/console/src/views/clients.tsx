import { snapshot } from '../api/live';
import { count, hashrate, partOf } from '../format/numbers';
import { Table } from '../parts/parts';
import { hrefOf } from '../route';

/** All clients, those with the most hashrate first. */
export function Clients() {
  const rows = [...(snapshot.value?.clients ?? [])].sort((a, b) => b.hashrate - a.hashrate);
  return (
    <section aria-labelledby="clients">
      <h2 id="clients">Clients</h2>
      <Table
        caption="Clients"
        rows={rows}
        keyOf={({ client_id }) => client_id}
        nothing="Nobody has mined yet."
        columns={[
          { head: 'Client', cell: ({ client_id }) => <a href={hrefOf('client', client_id)}>{client_id}</a> },
          { head: 'Hashrate, 10 min', cell: (row) => hashrate(row.hashrate), isNumber: true },
          { head: 'Mining', cell: ({ workers }) => count(workers.mining), isNumber: true },
          { head: 'Silent', cell: ({ workers }) => count(workers.silent), isNumber: true },
          { head: 'Gone', cell: ({ workers }) => count(workers.gone), isNumber: true },
          { head: 'Sessions', cell: (row) => count(row.active_connections), isNumber: true },
          { head: 'Accepted', cell: ({ accepted }) => count(accepted), isNumber: true },
          {
            head: 'Rejected',
            cell: ({ accepted, rejected }) => partOf(rejected, accepted + rejected),
            isNumber: true,
          },
        ]}
      />
    </section>
  );
}
