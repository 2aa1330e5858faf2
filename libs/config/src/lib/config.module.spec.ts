import { Injectable, Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { ConfigInForce } from './config-in-force';
import { ProxyConfigModule } from './config.module';
import { loadConfig } from './load-config';

const config = loadConfig({ POOL_HOST: 'pool.example.com', POOL_PORT: '3333' });

@Injectable()
class Consumer {
  constructor(readonly config: ConfigInForce) {}
}

describe('ProxyConfigModule', () => {
  it('hands out the validated configuration itself, to all the same', async () => {
    @Module({ imports: [ProxyConfigModule.forRoot(config)], providers: [Consumer] })
    class ConsumerModule {}

    const app = await Test.createTestingModule({ imports: [ConsumerModule] }).compile();

    expect(app.get(Consumer).config.current).toBe(config);
    expect(app.get(ConfigInForce, { strict: false })).toBe(app.get(Consumer).config);
  });

  it('has another one in force after a reload, and counts', () => {
    const inForce = new ConfigInForce(config);
    const other = loadConfig({ POOL_HOST: 'other.example.com', POOL_PORT: '3333' });
    inForce.refused();
    expect(inForce.current).toBe(config);
    inForce.take(other);
    expect(inForce.current).toBe(other);
    expect(inForce.reloads).toEqual({ ok: 1, refused: 1 });
  });

  it('leaves the environment out of what Nest can be asked for', async () => {
    const app = await Test.createTestingModule({ imports: [ProxyConfigModule.forRoot(config)] }).compile();

    expect(app.get(ConfigService, { strict: false }).get('PATH')).toBeUndefined();
  });
});
