import {
  loadConfig,
  type ListenerSettings,
  type ProxyConfig,
  type ProxySettings,
} from '@mining-proxy/config';

export const ADMIN_TOKEN = 'admin-secret-0123456789';
export const METRICS_TOKEN = 'metrics-secret-0123456789';

/** The configuration of a proxy on free loopback ports, with settings of the test's own. */
export function testConfig(
  poolPort: number,
  proxy: Partial<ProxySettings> = {},
  rest: Partial<Omit<ProxyConfig, 'proxy'>> = {},
): ProxyConfig {
  const config = loadConfig({ POOL_HOST: '127.0.0.1', POOL_PORT: String(poolPort) });
  const loopback = {
    bindAddress: '127.0.0.1',
    bindPort: 0,
    metricsBindAddress: '127.0.0.1',
    metricsPort: 0,
    instanceId: 'test',
  };
  // As the short form makes it, with the address of the test.
  const [listener] = config.listeners;
  const listeners = [Object.assign({}, listener, { bindAddress: '127.0.0.1', bindPort: 0, ...bound(proxy) })];
  return { ...config, listeners, ...rest, proxy: Object.assign({}, config.proxy, loopback, proxy) };
}

function bound({ bindAddress, bindPort }: Partial<ProxySettings>): Partial<ListenerSettings> {
  return {
    ...(bindAddress === undefined ? {} : { bindAddress }),
    ...(bindPort === undefined ? {} : { bindPort }),
  };
}
