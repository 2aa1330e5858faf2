import { describeConfig } from './describe-config';
import { ENVIRONMENT } from './environment';

describe('describeConfig', () => {
  it('has a row for each key, with its default as the file spells it', () => {
    expect(describeConfig()).toContainEqual({
      key: 'proxy.bind_port',
      default: '3333',
      environment: 'BIND_PORT',
      description: expect.any(String) as string,
      reload: false,
    });
    expect(describeConfig().find(({ key }) => key === 'proxy.pool_host')!.default).toBe('required');
    expect(describeConfig().find(({ key }) => key === 'clients[].workers')!.default).toBe('[]');
  });

  it('shows nothing of the machine it runs on', () => {
    expect(describeConfig().find(({ key }) => key === 'proxy.instance_id')!.default).toBe('"<hostname>"');
  });

  it('gives each environment variable to exactly one key', () => {
    const named = describeConfig().flatMap(({ environment }) => environment ?? []);

    expect(named.sort()).toEqual(
      [...Object.keys(ENVIRONMENT), 'ADMIN_TOKEN_FILE', 'DATABASE_URL_FILE'].sort(),
    );
  });

  it('has a line of description for each key', () => {
    for (const { description } of describeConfig()) expect(description).toMatch(/^[A-Z][^\n]+$/);
  });
});
