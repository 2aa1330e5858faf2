import { createServer } from 'node:net';

/**
 * A pool in a process of its own, with file descriptors of its own: lets everybody in at difficulty 1 with job `j1`
 * and accepts every share. Prints the port, then ends with its standard input.
 */
const SUBSCRIBED = '[[["mining.notify","s1"]],"08000002",4]';
const WORK =
  '{"id":null,"method":"mining.set_difficulty","params":[1]}\n' +
  `{"id":null,"method":"mining.notify","params":["j1","${'00'.repeat(32)}","01","ff",[],"20000000","1d00ffff","65f00000",true]}\n`;

function answerTo(line) {
  const { id, method } = JSON.parse(line);
  const result = method === 'mining.subscribe' ? SUBSCRIBED : 'true';
  const answer = `{"id":${JSON.stringify(id)},"result":${result},"error":null}\n`;
  return method === 'mining.authorize' ? answer + WORK : answer;
}

const server = createServer((socket) => {
  let unfinished = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const lines = (unfinished + chunk.toString()).split('\n');
    unfinished = lines.pop();
    if (lines.length > 0) socket.write(lines.map(answerTo).join(''));
  });
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(JSON.stringify({ event: 'listening', port: server.address().port }));
});
process.stdin.on('end', () => process.exit(0)).resume();
