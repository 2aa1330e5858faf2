import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Logger as NestLogger, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Logger } from 'nestjs-pino';
import { LoggerLibModule } from './logger.module';
import { LOG } from './logger.tokens';
import { createRootLogger } from './root-logger';

@Controller()
class Probe {
  private readonly logger = new NestLogger(Probe.name);

  @Get('probe')
  probe(): string {
    this.logger.log('probed');
    return 'ok';
  }

  @Get('fails')
  fails(): never {
    throw new Error('broken');
  }
}

// nestjs-pino keeps the first logger of a process for good, so the suite has one.
const lines: string[] = [];
const logger = createRootLogger({ level: 'debug' }, { write: (line: string) => lines.push(line) });

@Module({ imports: [LoggerLibModule.forRoot(logger)], controllers: [Probe] })
class AppModule {}

describe('LoggerLibModule', () => {
  let app: INestApplication<Server>;

  beforeAll(async () => {
    app = (await Test.createTestingModule({ imports: [AppModule] }).compile()).createNestApplication();
    app.useLogger(app.get(Logger));
    await app.listen(0, '127.0.0.1');
  });

  afterAll(() => app.close());

  beforeEach(() => {
    lines.length = 0;
  });

  async function request(path: string): Promise<void> {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const headers = { authorization: 'Bearer hush', cookie: 'hush' };
    await (await fetch(`http://127.0.0.1:${port}${path}?token=hush`, { headers })).text();
  }

  it('gives plain classes the root logger', () => {
    expect(app.get(LOG)).toBe(logger);
  });

  it('turns what Nest logs into lines of the root logger', async () => {
    await request('/probe');

    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { context: 'Probe', msg: 'probed' },
    ]);
  });

  it('logs no request of its own, and nothing of what a request carried', async () => {
    await request('/nowhere');
    await request('/fails');

    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('broken');
    expect(lines[0]).not.toContain('hush');
  });
});
