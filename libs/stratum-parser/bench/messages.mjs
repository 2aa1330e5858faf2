const UP = 'to_upstream';
const DOWN = 'to_downstream';
const HASH = '4d16b6f85af6e2198f44ae2a6de67f78487ae5611b77c6c0440b921e00000000';

const OPENING = [
  [UP, '{"id": 1, "method": "mining.subscribe", "params": ["cgminer/4.11.1"]}'],
  [DOWN, '{"id":1,"result":[[["mining.notify","ae6812eb"]],"f8002c90",4],"error":null}'],
  [UP, '{"id": 2, "method": "mining.authorize", "params": ["acme.rig1", "x"]}'],
  [DOWN, '{"id":2,"result":true,"error":null}'],
  [DOWN, '{"id":null,"method":"mining.set_difficulty","params":[16384]}'],
  [DOWN, notify('66b3a1f200000010', 12, 200)],
];
const SUBMIT =
  '{"params": ["acme.rig1", "66b3a1f200000010", "00000001", "504e86ed", "b2957c02", "00010000"], "id": 4, "method": "mining.submit"}';

const MONERO = [
  [
    UP,
    '{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"48edf.rig","pass":"x","agent":"XMRig/6.21.0","algo":["rx/0"]}}',
  ],
  [DOWN, `{"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"1be0b7b6","job":${job('j1')},"status":"OK"}}`],
];

/** What is sent before, and what is measured together. `goal` is the share of JSON.parse aimed at. */
export const MESSAGES = [
  {
    name: 'submit and its accepted answer',
    opening: OPENING,
    exchange: [
      [UP, SUBMIT],
      [DOWN, '{"id":4,"result":true,"error":null}'],
    ],
    goal: 0.5,
  },
  {
    name: 'submit and its refusal',
    opening: OPENING,
    exchange: [
      [UP, SUBMIT],
      [DOWN, '{"id":4,"result":null,"error":[23,"Low difficulty share",null]}'],
    ],
    goal: 0.5,
  },
  {
    name: 'notify of 1.5 KB',
    opening: OPENING,
    exchange: [[DOWN, notify('66b3a1f200000011', 12, 250)]],
    goal: 0.1,
  },
  {
    name: 'notify of 37 KB',
    opening: OPENING,
    exchange: [[DOWN, notify('66b3a1f200000011', 12, 18_000)]],
    goal: 0.1,
  },
  {
    name: 'CryptoNote job',
    opening: MONERO,
    exchange: [[DOWN, `{"jsonrpc":"2.0","method":"job","params":${job('j2')}}`]],
    goal: 0.5,
  },
  {
    name: 'CryptoNote submit and its accepted answer',
    opening: MONERO,
    exchange: [
      [
        UP,
        `{"id":2,"jsonrpc":"2.0","method":"submit","params":{"id":"1be0b7b6","job_id":"j1","nonce":"d0030001","result":"${HASH}","algo":"rx/0"}}`,
      ],
      [DOWN, '{"id":2,"jsonrpc":"2.0","error":null,"result":{"status":"OK"}}'],
    ],
    goal: 0.5,
  },
];

function notify(id, branches, coinbaseBytes) {
  const branch = Array.from({ length: branches }, () => `"${HASH}"`).join(',');
  const [head, tail] = ['01'.repeat(60), 'ab'.repeat(coinbaseBytes)];
  return `{"id":null,"method":"mining.notify","params":["${id}","${HASH}","${head}","${tail}",[${branch}],"20000000","1c2ac4af","504e86b9",false]}`;
}

function job(id) {
  return `{"blob":"${'10'.repeat(76)}","job_id":"${id}","target":"b88d0600","algo":"rx/0","height":3200001,"seed_hash":"${HASH}"}`;
}
