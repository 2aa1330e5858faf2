const UP = 'to_upstream';
const DOWN = 'to_downstream';

/** Miners of one pool, each with a session, a worker and ids of its own. */
export const MINERS = 8;
/** Different messages of each kind, sent in turn: jobs, nonces, times and hashes change as they do on a wire. */
const VARIANTS = 64;
/** One submit in so many is for the job before the last one. */
const LATE_EVERY = 8;

/**
 * `opening(miner)` is what a miner's session has heard before, `exchange(n, miner)` the messages that are
 * measured together, n counting those of this session. `goal` is the share of JSON.parse aimed at.
 */
const KINDS = [
  {
    name: 'submit and its accepted answer',
    opening,
    exchange: (n, miner) => [submit(n, miner), [DOWN, `{"id":${idOf(n, miner)},"result":true,"error":null}`]],
    goal: 0.5,
  },
  {
    name: 'submit and its refusal',
    opening,
    exchange: (n, miner) => [
      submit(n, miner),
      [DOWN, `{"id":${idOf(n, miner)},"result":null,"error":[23,"Low difficulty share",null]}`],
    ],
    goal: 0.5,
  },
  {
    name: 'notify of 1.5 KB',
    opening,
    exchange: (n) => [[DOWN, notify(n + 2, 12, 250)]],
    goal: 0.1,
  },
  {
    name: 'notify of 1.5 KB, for one miner only',
    opening,
    exchange: (n, miner) => [[DOWN, notify(n + 2 + miner * VARIANTS, 12, 250)]],
    goal: null,
  },
  {
    name: 'notify of 37 KB',
    opening,
    exchange: (n) => [[DOWN, notify(n + 2, 12, 18_000)]],
    goal: 0.1,
  },
  {
    name: 'CryptoNote job',
    opening: moneroOpening,
    exchange: (n, miner) => [[DOWN, `{"jsonrpc":"2.0","method":"job","params":${job(n + 2, miner)}}`]],
    goal: 0.5,
  },
  {
    name: 'CryptoNote submit and its accepted answer',
    opening: moneroOpening,
    exchange: (n, miner) => [
      moneroSubmit(n, miner),
      [DOWN, `{"id":${idOf(n, miner)},"jsonrpc":"2.0","error":null,"result":{"status":"OK"}}`],
    ],
    goal: 0.5,
  },
];

/** Each kind with its openings by miner, and all its exchanges in the order in which they are sent. */
export const MESSAGES = KINDS.map(({ name, goal, opening, exchange }) => ({
  name,
  goal,
  openings: Array.from({ length: MINERS }, (_, miner) => opening(miner)),
  exchanges: Array.from({ length: VARIANTS * MINERS }, (_, at) => {
    const [n, miner] = [Math.floor(at / MINERS), at % MINERS];
    return { miner, messages: exchange(n, miner) };
  }),
}));

function opening(miner) {
  return [
    [UP, '{"id": 1, "method": "mining.subscribe", "params": ["cgminer/4.11.1"]}'],
    [DOWN, '{"id":1,"result":[[["mining.notify","ae6812eb"]],"f8002c90",4],"error":null}'],
    [UP, `{"id": 2, "method": "mining.authorize", "params": ["${worker(miner)}", "x"]}`],
    [DOWN, '{"id":2,"result":true,"error":null}'],
    [DOWN, '{"id":null,"method":"mining.set_difficulty","params":[16384]}'],
    [DOWN, notify(0, 12, 200)],
    [DOWN, notify(1, 12, 200)],
  ];
}

function moneroOpening(miner) {
  const [login, token] = [`48edf.rig${miner}`, tokenOf(miner)];
  return [
    [
      UP,
      `{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"${login}","pass":"x","agent":"XMRig/6.21.0","algo":["rx/0"]}}`,
    ],
    [
      DOWN,
      `{"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"${token}","job":${job(0, miner)},"status":"OK"}}`,
    ],
    [DOWN, `{"jsonrpc":"2.0","method":"job","params":${job(1, miner)}}`],
  ];
}

/** A miner counts its requests. */
function idOf(n, miner) {
  return n + 970 + 1000 * miner;
}

function worker(miner) {
  return `acme.rig${miner}`;
}

function tokenOf(miner) {
  return hex(miner + 4711, 8);
}

/** Which of the two jobs of the opening a submit is for. */
function submittedJob(n) {
  return n % LATE_EVERY === 0 ? 0 : 1;
}

function submit(n, miner) {
  const time = (0x504e86ed + n).toString(16);
  return [
    UP,
    `{"params": ["${worker(miner)}", "${jobId(submittedJob(n))}", "${hex(n, 8)}", "${time}", "${hex(n + miner + 100, 8)}", "00010000"], "id": ${idOf(n, miner)}, "method": "mining.submit"}`,
  ];
}

function moneroSubmit(n, miner) {
  return [
    UP,
    `{"id":${idOf(n, miner)},"jsonrpc":"2.0","method":"submit","params":{"id":"${tokenOf(miner)}","job_id":"${moneroId(submittedJob(n), miner)}","nonce":"${hex(n, 8)}","result":"${hex(n + miner, 64)}","algo":"rx/0"}}`,
  ];
}

function notify(n, branches, coinbaseBytes) {
  const branch = Array.from({ length: branches }, (_, at) => `"${hex(n * branches + at, 64)}"`).join(',');
  const [head, tail] = [hex(n, 120), hex(n + 1, 2 * coinbaseBytes)];
  const time = (0x504e86b9 + n).toString(16);
  return `{"id":null,"method":"mining.notify","params":["${jobId(n)}","${hex(n, 64)}","${head}","${tail}",[${branch}],"20000000","1c2ac4af","${time}",false]}`;
}

function jobId(n) {
  return `66b3a1f2${hex(n, 8)}`;
}

/** Each miner of such a pool has jobs of its own: a text that grows. */
function moneroId(n, miner) {
  return `${4_815_000 + n * MINERS + miner}`;
}

/** And a difficulty of its own. */
function job(n, miner) {
  return `{"blob":"${hex(n + miner, 152)}","job_id":"${moneroId(n, miner)}","target":"${hex(miner, 4)}0600","algo":"rx/0","height":${3_200_001 + n},"seed_hash":"${hex(7, 64)}"}`;
}

/** Digits that look like a hash's, the same for the same seed. */
function hex(seed, digits) {
  let state = (seed + 1) * 0x9e3779b9;
  let text = '';
  while (text.length < digits) {
    state = Math.imul(state ^ (state >>> 15), 0x85ebca6b) + 0x6d2b79f5;
    text += (state >>> 0).toString(16).padStart(8, '0');
  }
  return text.slice(0, digits);
}
