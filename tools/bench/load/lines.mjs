/** What pool and miners say, prepared: saying it must cost less than what is measured. */
export const LF = 0x0a;
export const ACCEPTED = Buffer.from('{"id":4,"result":true,"error":null}\n');
export const WELCOME = Buffer.from(
  '{"id":1,"result":[[["mining.notify","ae6812eb"]],"f8002c90",4],"error":null}\n' +
    '{"id":2,"result":true,"error":null}\n{"id":null,"method":"mining.set_difficulty","params":[1024]}\n',
);

export function loginLines(worker) {
  return (
    '{"id":1,"method":"mining.subscribe","params":["bench/1"]}\n' +
    `{"id":2,"method":"mining.authorize","params":["${worker}","x"]}\n`
  );
}

export function shareLine(worker) {
  return Buffer.from(
    `{"params":["${worker}","66b3a1f200000010","00000001","66b3a1f4","5eed0001"],"id":4,"method":"mining.submit"}\n`,
  );
}

/** A `mining.notify` of 1.3 KB: twelve branches and a coinbase, as Bitcoin pools send them. */
export function jobLine(number) {
  const hex = (length) => 'a1b2c3d4e5f60718'.repeat(Math.ceil(length / 16)).slice(0, length);
  const branches = Array.from({ length: 12 }, () => hex(64));
  const job = (number + 16).toString(16).padStart(16, '0');
  const params = [job, hex(64), hex(120), hex(120), branches, '20000000', '1c2ac4af', '66b3a1f4', false];
  return Buffer.from(`${JSON.stringify({ id: null, method: 'mining.notify', params })}\n`);
}

export function countLines(chunk) {
  let lines = 0;
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) lines += 1;
  return lines;
}
