import { answer, authorize, logIn, playPool, submit } from '@mining-proxy/e2e-support';
import { standingHouse } from './support/house';

const SECRET = 'hunter2-correct-horse';
const TOKEN = 'token-that-nobody-may-see';

/** Guards what is written down: one JSON object a line, facts in fields, and no secret anywhere. */
describe('logs', () => {
  const house = standingHouse({
    proxy: { admin_token: TOKEN, metrics_token: `${TOKEN}-2`, log_level: 'trace' },
  });

  it('never holds what a miner or a pool has said in secret, at the most talkative level', async () => {
    const said = [
      JSON.stringify(authorize(1, 'acme.rig1', SECRET)),
      JSON.stringify({ id: 2, method: 'login', params: { login: 'acme', pass: SECRET, agent: 'x' } }),
      JSON.stringify({ id: 3, method: 'eth_submitLogin', params: ['0xacme', SECRET] }),
      `{"id":4,"method":"mining.authorize","params":["acme.rig1","${SECRET}"`,
      `GET /?password=${SECRET} HTTP/1.1\r`,
      `${SECRET}${'a'.repeat(200_000)}`,
    ];
    for (const line of said) {
      const { miner, upstream } = await house.session();
      miner.write(`${line}\n`);
      await upstream.receives(line.length + 1);
      upstream.write(`{"id":1,"result":null,"error":[24,"bad password ${SECRET}",null]}\n`);
      await miner.message();
      miner.reset();
      await upstream.closes();
    }
    for (const path of ['/metrics', '/status', `/billing?token=${TOKEN}`]) {
      await house.proxy.get(path, { authorization: `Bearer ${SECRET}` });
      const { body } = await house.proxy.get(path, {
        authorization: `Bearer ${TOKEN}`,
        cookie: `session=${SECRET}`,
      });
      expect(body).not.toContain(SECRET);
      expect(body).not.toContain(TOKEN);
    }
    expect((await house.proxy.metrics()).text).not.toContain(SECRET);
    expect(house.proxy.output).not.toContain(SECRET);
    expect(house.proxy.output).not.toContain(TOKEN);
  });

  it('writes one JSON object a line, whatever a worker is called', async () => {
    const { miner, upstream } = await house.session();
    const worker = 'evil\n{"level":"fatal","msg":"forged"}\u001b[31m\u202e.rig1';
    miner.say(authorize(1, worker));
    upstream.say(answer(1, true));
    await miner.messageWith(1);
    await house.proxy.logged('session identified', house.proxy.logsOf('session identified').length);
    for (const line of house.proxy.program.printedLines)
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(house.proxy.logsOf('forged')).toEqual([]);
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(house.proxy.program.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(house.proxy.program.stderr).toBe('');
  });

  it('writes two lines for a session at level info, however much it mines', async () => {
    const busy = await house.stage.rawPool({ greets: (peer) => playPool(peer) });
    const quiet = await house.stage.proxy({ poolPort: busy.port, proxy: { log_level: 'info' } });
    const before = quiet.logs.length;
    const { miner, upstream } = await house.stage.session(quiet, busy);
    await logIn(miner, 'acme.rig1', SECRET);
    for (let id = 10; id < 60; id += 1) miner.say(submit(id, 'acme.rig1'));
    await miner.messageWith(59);
    miner.end();
    await upstream.hungUpOn();
    await quiet.atRest();
    const lines = quiet.logs.slice(before);
    expect(lines.map(({ msg }) => msg)).toEqual(['session opened', 'session closed']);
    expect(lines[1]).toMatchObject({
      sessionId: lines[0]!.sessionId,
      listener: 'default',
      poolHost: quiet.poolHost,
      remoteAddress: '127.0.0.1',
      side: 'downstream',
      code: 'ENDED',
      bytesToUpstream: miner.socket.bytesWritten,
      bytesToDownstream: miner.receivedBytes,
      undeliveredToUpstream: 0,
      undeliveredToDownstream: 0,
    });
  });
});
