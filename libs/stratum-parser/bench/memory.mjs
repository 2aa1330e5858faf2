import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const SESSIONS = 2000;
/** A pool announces a few jobs a minute; 256 are known, so that a session with twice as many has grown to its end. */
const JOBS = { idleSessionBytes: 2, longSessionBytes: 512 };

/** Heap per session that has logged in, has heard jobs and has mined a little: a young one, and one that is hours old. */
export function sessionBytes(StratumInspector) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  return Object.entries(JOBS).map(([name, jobs]) => {
    const sink = { push: () => undefined };
    const before = usage(collect);
    const sessions = Array.from({ length: SESSIONS }, (_, n) =>
      session(new StratumInspector({}, sink), n, jobs),
    );
    const used = usage(collect) - before;
    return { [name]: Math.round(used / sessions.length), goal: name === 'idleSessionBytes' ? 2048 : null };
  });
}

function session(inspector, n, jobs) {
  const up = (line) => inspector.chunk('to_upstream', Buffer.from(`${line}\n`));
  const down = (line) => inspector.chunk('to_downstream', Buffer.from(`${line}\n`));
  up('{"id":1,"method":"mining.subscribe","params":["cgminer/4.11.1"]}');
  down('{"id":1,"result":[[["mining.notify","ae6812eb"]],"f8002c90",4],"error":null}');
  up(`{"id":2,"method":"mining.authorize","params":["acme.rig${n}","x"]}`);
  down('{"id":2,"result":true,"error":null}');
  for (let job = 0; job < jobs; job += 1) {
    // Each session has job ids of its own: nothing can be shared.
    if (job % 64 === 0) down(`{"id":null,"method":"mining.set_difficulty","params":[${1024 + n + job}]}`);
    down(
      `{"id":null,"method":"mining.notify","params":["${n.toString(16)}${job}","${'ab'.repeat(32)}","","",[],"","","",true]}`,
    );
  }
  up(
    `{"id":9,"method":"mining.submit","params":["acme.rig${n}","${n.toString(16)}${jobs - 1}","0","0","0"]}`,
  );
  down('{"id":9,"result":true,"error":null}');
  return inspector;
}

function usage(collect) {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
