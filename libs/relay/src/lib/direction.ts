/** Which way bytes travel: from the miner to the pool, or from the pool to the miner. */
export type Direction = 'to_upstream' | 'to_downstream';

/** One end of a session: the miner's (`downstream`) or the pool's (`upstream`). */
export type PeerSide = 'downstream' | 'upstream';
