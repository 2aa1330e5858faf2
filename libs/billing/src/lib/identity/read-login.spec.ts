import { readLogin } from './read-login';

const read = (text: string, rig: string | null = null, separators = './+#') =>
  readLogin({ text, rig }, separators);

describe('readLogin', () => {
  it.each([
    ['acme', 'acme', 'acme'],
    ['acme.rig1', 'acme', 'acme.rig1'],
    ['acme.site.rig1', 'acme', 'acme.site.rig1'],
    ['0xWALLET/rig1', '0xWALLET', '0xWALLET/rig1'],
    ['0xCFG+5000.rig', '0xCFG', '0xCFG+5000.rig'],
    ['wallet#rig', 'wallet', 'wallet#rig'],
    ['farm.north@example.org', 'farm.north@example.org', 'farm.north@example.org'],
    ['farm.north@example.org/rig1', 'farm.north@example.org', 'farm.north@example.org/rig1'],
    ['farm.north@example.org+7', 'farm.north@example.org', 'farm.north@example.org+7'],
    ['farm.north@example.org#r', 'farm.north@example.org', 'farm.north@example.org#r'],
    ['.rig', '', '.rig'],
    ['', '', ''],
  ])('finds in %j the account %j and the worker %j', (text, account, worker) => {
    expect(read(text)).toEqual({ account, worker });
  });

  it.each([
    ['0xNANO.rig/SECRETword', '0xNANO', '0xNANO.rig'],
    ['wallet.rig/mail@example.org', 'wallet', 'wallet.rig'],
    ['wallet.rig/a/b', 'wallet', 'wallet.rig'],
    ['wallet/rig/SECRETword', 'wallet', 'wallet/rig'],
    ['wallet#rig/SECRETword', 'wallet', 'wallet#rig'],
    ['a@b.example/rig/SECRETword', 'a@b.example', 'a@b.example/rig'],
  ])('keeps nothing of %j that stands behind the rig', (text, account, worker) => {
    expect(read(text)).toEqual({ account, worker });
  });

  it('puts a rig of its own field behind a dot, without what may be a secret', () => {
    expect(read('0xabc', 'rig7')).toEqual({ account: '0xabc', worker: '0xabc.rig7' });
    expect(read('0xabc', 'rig7/SECRETword').worker).toBe('0xabc.rig7');
    expect(read('0xabc/SECRETword', 'rig7').account).toBe('0xabc');
  });

  it('takes hexadecimal addresses that differ in capitals for the same', () => {
    expect(read('0xAbCd.R1')).toEqual({ account: '0xabcd', worker: '0xabcd.R1' });
    expect(read('0XABCD/r1').account).toBe('0xabcd');
    expect(read('Acme.r1').account).toBe('Acme');
  });

  it('parts where the configuration says', () => {
    expect(read('a_b.c', null, '_').account).toBe('a');
    expect(read('a/b.c', null, '.').account).toBe('a/b');
    expect(read('a.b', null, '').account).toBe('a.b');
  });

  it.each(['./+#', '.', '/', '_', '+#', ''])(
    'hides what is behind a rig where accounts end at %j',
    (separators) => {
      const logins = [
        '0xNANO.rig/SECRET',
        'a@b.c/rig/SECRET',
        'acct/rig/SECRET',
        'a+5.rig/SECRET',
        'a#r/SECRET',
      ];
      for (const text of logins) {
        expect(JSON.stringify(readLogin({ text, rig: 'r/SECRET' }, separators))).not.toContain('SECRET');
      }
    },
  );
});
