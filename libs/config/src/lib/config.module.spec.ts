import { Inject, Injectable, Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { ProxyConfigModule } from './config.module';
import { CLIENTS_CONFIG, IDENTITY_CONFIG, PROXY_CONFIG } from './config.tokens';
import { loadConfig } from './load-config';
import type { ProxySettings } from './sections/proxy.settings';

const config = loadConfig({ POOL_HOST: 'pool.example.com', POOL_PORT: '3333' });

@Injectable()
class Consumer {
  constructor(@Inject(PROXY_CONFIG) readonly settings: ProxySettings) {}
}

describe('ProxyConfigModule', () => {
  it('hands out the validated objects themselves, by their tokens', async () => {
    const app = await Test.createTestingModule({ imports: [ProxyConfigModule.forRoot(config)] }).compile();

    expect(app.get(PROXY_CONFIG)).toBe(config.proxy);
    expect(app.get(IDENTITY_CONFIG)).toBe(config.identity);
    expect(app.get(CLIENTS_CONFIG)).toBe(config.clients);
    expect(app.get(ConfigService, { strict: false }).get('proxy')).toBe(config.proxy);
  });

  it('gives a module that imports it the slices it asks for', async () => {
    @Module({ imports: [ProxyConfigModule.forRoot(config)], providers: [Consumer] })
    class ConsumerModule {}

    const app = await Test.createTestingModule({ imports: [ConsumerModule] }).compile();

    expect(app.get(Consumer).settings).toBe(config.proxy);
  });

  it('leaves the environment out of what Nest can be asked for', async () => {
    const app = await Test.createTestingModule({ imports: [ProxyConfigModule.forRoot(config)] }).compile();

    expect(app.get(ConfigService, { strict: false }).get('PATH')).toBeUndefined();
  });
});
