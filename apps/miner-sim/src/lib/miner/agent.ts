/** What the miners call themselves. */
export const AGENT = 'miner-sim/1.0';
