import { LOG_LEVELS, type LogLevel } from './log-level';
import type { Log } from './log';
import { createRootLogger } from './root-logger';

function captured(level: LogLevel = 'info', instanceId?: string) {
  const lines: string[] = [];
  const options = instanceId === undefined ? { level } : { level, instanceId };
  const logger = createRootLogger(options, { write: (line: string) => lines.push(line) });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

const SECRETS = [
  'password',
  'pass',
  'token',
  'secret',
  'authorization',
  'cookie',
  'admin_token',
  'adminToken',
  'metrics_token',
  'metricsToken',
  'database_url',
  'databaseUrl',
];

describe('createRootLogger', () => {
  it('writes one JSON object a line, with the level as a word and the time as text', () => {
    const { logger, lines, last } = captured();

    logger.info({ sessionId: 7 }, 'session closed');

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(last()).toMatchObject({ level: 'info', sessionId: 7, msg: 'session closed', pid: process.pid });
    expect(last().time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('names the proxy in each line when it has a name', () => {
    const { logger, last } = captured('info', 'eu-1');

    logger.info({}, 'listening');

    expect(last()).toMatchObject({ instance_id: 'eu-1' });
  });

  it('is a Log, and writes from its level on', () => {
    const { logger, lines } = captured('warn');
    const log: Log = logger;

    log.debug({}, 'debug');
    log.info({}, 'info');
    log.warn({}, 'warn');
    log.error({}, 'error');

    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['warn', 'error']);
  });

  it('takes another level while it is in use', () => {
    const { logger, lines } = captured('silent');

    logger.error({}, 'unheard');
    logger.level = 'debug';
    logger.debug({}, 'heard');

    expect(lines).toHaveLength(1);
  });

  it.each(LOG_LEVELS)('knows the level %s', (level) => {
    expect(captured(level).logger.level).toBe(level);
  });

  it.each(SECRETS)('redacts %s wherever it stands', (field) => {
    const { logger, lines } = captured();
    const facts = { [field]: 'hush', near: 'seen' };

    logger.info(facts, 'flat');
    logger.info({ config: facts }, 'one deep');
    logger.info({ req: { headers: facts } }, 'two deep');
    logger.child(facts).info({}, 'bound');

    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line).toContain('[redacted]');
      expect(line).toContain('seen');
      expect(line).not.toContain('hush');
    }
  });

  it('redacts the cookies that a response sets', () => {
    const { logger, lines } = captured();

    logger.info({ res: { headers: { 'set-cookie': ['hush'] } } }, 'answered');

    expect(lines[0]).not.toContain('hush');
  });

  it('writes plain values as JSON has them', () => {
    const { logger, last } = captured();
    const facts = { text: 'a "quoted" \n \u2028 \ud800 text', count: 7, big: 1e300, yes: true, none: null };

    logger.info({ ...facts, absent: undefined, infinite: Infinity }, 'facts');

    expect(last()).toMatchObject({ ...facts, infinite: null });
    expect(last()).not.toHaveProperty('absent');
  });

  it('leaves the object that was logged as it is', () => {
    const facts = { config: { adminToken: 'hush' } };

    captured().logger.info(facts, 'started');

    expect(facts.config.adminToken).toBe('hush');
  });
});
