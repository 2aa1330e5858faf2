/**
 * The queries and recording rules that operators were promised, letter for letter. Never to be adapted to
 * the proxy: it is the proxy that has to fit them.
 */
export const BYTES_TRANSFERRED = `
sum(increase(stratum_bytes_sent_total{client_id="miner1"}[30d]) + 
    increase(stratum_bytes_received_total{client_id="miner1"}[30d]))
`;

export const ACCEPTED_SHARES = `increase(stratum_accepted_shares_total{client_id="miner1"}[30d])`;

export const REJECT_RATE = `rate(stratum_rejected_shares_total[5m]) / rate(stratum_submits_total[5m])`;

export const RECORDING_RULES = [
  {
    name: 'mining:bytes_total:30d',
    query: 'increase(stratum_bytes_sent_total[30d]) + increase(stratum_bytes_received_total[30d])',
  },
  { name: 'mining:accepted_shares:30d', query: 'increase(stratum_accepted_shares_total[30d])' },
];
