import { createServer, connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * The load of the benchmark: a pool and its miners in one process, so that both ends read one clock.
 * Lean on purpose (prepared lines, no parsing beyond what it needs): it must cost less than what it measures.
 *
 * Speaks with the benchmark in JSON lines: says the pool's port, is told the relay's, says when measuring
 * begins and ends, and prints its figures.
 */
const scenario = JSON.parse(process.argv[2]);
const LF = 0x0a;
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);
const ACCEPTED = Buffer.from('{"id":4,"result":true,"error":null}\n');
const SUBSCRIBED = Buffer.from(
  '{"id":1,"result":[[["mining.notify","ae6812eb"]],"f8002c90",4],"error":null}\n' +
    '{"id":2,"result":true,"error":null}\n{"id":null,"method":"mining.set_difficulty","params":[1024]}\n',
);

const miners = [];
const poolSides = [];
let measuring = false;
let answered = 0;
let latencies = [];

const server = createServer({ noDelay: true, pauseOnConnect: true });
server.on('connection', servePoolSide);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => tell({ poolPort: server.address().port }));
createInterface({ input: process.stdin }).on('line', (line) => void run(JSON.parse(line).relayPort));

/** The pool's end of one session: answers logins once, then every line with "accepted". */
function servePoolSide(socket) {
  const side = { socket, loggedIn: false };
  poolSides.push(side);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    let lines = countLines(chunk, chunk.length);
    if (!side.loggedIn && lines >= 2) {
      side.loggedIn = true;
      socket.write(SUBSCRIBED);
      socket.write(jobLine(0));
      lines -= 2;
    }
    for (; lines > 0; lines -= 1) socket.write(ACCEPTED);
  });
  socket.resume();
}

async function run(port) {
  for (let first = 0; first < scenario.sessions; first += 200) {
    const batch = Math.min(200, scenario.sessions - first);
    await Promise.all(Array.from({ length: batch }, (_, index) => connectMiner(port, first + index)));
  }
  await Promise.all(miners.map((miner) => miner.ready));
  tell({ connected: miners.length });
  const work = scenario.submitsPerSecond ? paced() : flatOut();
  await pause(scenario.warmUpMs);
  const cpuBefore = process.cpuUsage();
  answered = 0;
  latencies = [];
  measuring = true;
  tell({ event: 'start' });
  await pause(scenario.measureMs);
  measuring = false;
  const cpu = process.cpuUsage(cpuBefore);
  const figures = {
    answered,
    jobs: work.jobs.filter((job) => job.counted),
    busy: (cpu.user + cpu.system) / 1000 / scenario.measureMs,
  };
  tell({ event: 'stop' });
  work.stop();
  report(figures);
}

/** Every miner sends its next share when the answer to the last one is there. */
function flatOut() {
  for (const miner of miners) {
    miner.onAnswer = () => submit(miner);
    submit(miner);
  }
  return { jobs: [], stop: () => miners.forEach((miner) => (miner.onAnswer = undefined)) };
}

/** So many shares a second, by the miners in turn, and a new job for all of them every two seconds. */
function paced() {
  const jobs = [];
  const startedAt = performance.now();
  let sent = 0;
  const pace = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * scenario.submitsPerSecond;
    for (; sent < due; sent += 1) submit(miners[(sent * 7919) % miners.length]);
  }, 2);
  const announce = setInterval(() => {
    const job = { number: jobs.length + 1, firstAt: 0, got: 0, lastAt: 0, counted: measuring };
    jobs.push(job);
    for (const miner of miners) miner.onJob = gotJob;
    const line = jobLine(job.number);
    job.firstAt = performance.now();
    for (const { socket } of poolSides) socket.write(line);
  }, scenario.jobEveryMs);
  const gotJob = () => {
    const job = jobs.at(-1);
    job.got += 1;
    if (job.got === miners.length) job.lastAt = performance.now();
  };
  const stop = () => {
    clearInterval(pace);
    clearInterval(announce);
  };
  return { jobs, stop };
}

function submit(miner) {
  if (miner.sentAt !== 0) return;
  miner.sentAt = performance.now();
  miner.socket.write(miner.share);
}

/** One miner: logs in, then counts the lines that come. An answer is short, a job is long. */
function connectMiner(port, index) {
  return new Promise((connected, fail) => {
    const miner = {
      socket: undefined,
      share: shareLine(index),
      sentAt: 0,
      onAnswer: undefined,
      onJob: undefined,
    };
    let lineLength = 0;
    let loginLines = 4;
    let loggedIn;
    miner.ready = new Promise((done) => (loggedIn = done));
    const callback = (length) => {
      let start = 0;
      for (;;) {
        const end = READ_BUFFER.indexOf(LF, start);
        if (end === -1 || end >= length) break;
        lineLength += end - start;
        if (loginLines > 0) {
          loginLines -= 1;
          if (loginLines === 0) loggedIn();
        } else if (lineLength > 200) miner.onJob?.();
        else answer(miner);
        lineLength = 0;
        start = end + 1;
      }
      lineLength += length - start;
      return true;
    };
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: READ_BUFFER, callback },
    });
    miner.socket = socket;
    miners.push(miner);
    socket.on('error', fail);
    socket.on('connect', () => {
      socket.write(loginLine(index));
      connected();
    });
  });
}

function answer(miner) {
  if (measuring) {
    answered += 1;
    latencies.push(performance.now() - miner.sentAt);
  }
  miner.sentAt = 0;
  miner.onAnswer?.();
}

function report({ answered: count, jobs, busy }) {
  latencies.sort((a, b) => a - b);
  const at = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? null;
  const fanOuts = jobs.filter((job) => job.lastAt > 0).map((job) => job.lastAt - job.firstAt);
  fanOuts.sort((a, b) => a - b);
  tell({
    event: 'figures',
    messages: 2 * count + jobs.length * miners.length,
    answered: count,
    jobs: jobs.length,
    jobsIncomplete: jobs.length - fanOuts.length,
    p50: at(0.5),
    p99: at(0.99),
    fanOut: fanOuts[Math.floor(fanOuts.length / 2)] ?? null,
    loadBusy: busy,
  });
  process.exit(0);
}

function loginLine(index) {
  return (
    '{"id":1,"method":"mining.subscribe","params":["bench/1"]}\n' +
    `{"id":2,"method":"mining.authorize","params":["acct${index % 50}.rig${index}","x"]}\n`
  );
}

function shareLine(index) {
  const worker = `acct${index % 50}.rig${index}`;
  return Buffer.from(
    `{"params":["${worker}","66b3a1f200000010","00000001","66b3a1f4","5eed0001"],"id":4,"method":"mining.submit"}\n`,
  );
}

/** A `mining.notify` of 1.3 KB: twelve branches and a coinbase, as Bitcoin pools send them. */
function jobLine(number) {
  const hex = (length) => 'a1b2c3d4e5f60718'.repeat(Math.ceil(length / 16)).slice(0, length);
  const branches = Array.from({ length: 12 }, () => hex(64));
  const job = (number + 16).toString(16).padStart(16, '0');
  const params = [job, hex(64), hex(120), hex(120), branches, '20000000', '1c2ac4af', '66b3a1f4', false];
  return Buffer.from(`${JSON.stringify({ id: null, method: 'mining.notify', params })}\n`);
}

function countLines(chunk, length) {
  let lines = 0;
  for (let at = chunk.indexOf(LF); at !== -1 && at < length; at = chunk.indexOf(LF, at + 1)) lines += 1;
  return lines;
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

function tell(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
