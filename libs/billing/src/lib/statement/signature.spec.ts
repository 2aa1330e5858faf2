import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { DocumentSigner, verifyDocument } from './signature';

const pem = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

describe('DocumentSigner', () => {
  const signer = new DocumentSigner(pem());
  const publicKey = createPublicKey(signer.publicKey ?? '');
  const document = {
    client_id: 'acme',
    usage: { accepted: '12345', rejected: '7' },
    closed: { rows: 12, without: ['a', 'b'] },
    corrections: [],
    total: null,
  };

  it('signs a document that is verified whatever the order and the spelling of its members', () => {
    const signed = signer.sign(document);
    expect(verifyDocument(signed, publicKey)).toMatchObject({ holds: true });
    const { signature, total, corrections, usage, client_id } = signed;
    const turned = {
      total,
      signature,
      closed: { without: ['a', 'b'], rows: 1.2e1 },
      client_id,
      corrections,
      usage,
    };
    expect(
      verifyDocument(JSON.parse(JSON.stringify(turned, null, 4)) as typeof turned, publicKey),
    ).toMatchObject({
      holds: true,
    });
  });

  it.each([
    ['a digit', { ...document, usage: { accepted: '12346', rejected: '7' } }],
    ['a number', { ...document, closed: { rows: 13, without: ['a', 'b'] } }],
    ['the order of a list', { ...document, closed: { rows: 12, without: ['b', 'a'] } }],
    ['a member that was added', { ...document, discount: '1' }],
    ['a member that is gone', { client_id: 'acme', usage: document.usage, closed: document.closed }],
    ['a null that has become a text', { ...document, total: 'null' }],
  ])('finds %s changed', (_, changed) => {
    const { signature } = signer.sign(document);
    expect(verifyDocument({ ...changed, signature }, publicKey)).toEqual({ holds: false, why: 'changed' });
  });

  it('names the key that signed where another one is at hand', () => {
    const other = new DocumentSigner(pem());
    const signed = other.sign(document);
    expect(verifyDocument(signed, publicKey)).toEqual({
      holds: false,
      why: 'other_key',
      signedBy: signed.signature?.key_id,
      atHand: signer.sign(document).signature?.key_id,
    });
    const claimed = {
      ...signed,
      signature: { ...signed.signature, key_id: signer.sign({}).signature?.key_id },
    };
    expect(verifyDocument(claimed, publicKey)).toEqual({ holds: false, why: 'changed' });
  });

  it.each([
    [null, 'unsigned'],
    [undefined, 'unsigned'],
    ['text', 'unreadable'],
    [{ algorithm: 'RS256', key_id: 'a', value: 'b' }, 'unreadable'],
    [{ algorithm: 'Ed25519', key_id: 1, value: 'b' }, 'unreadable'],
  ])('does not take %j for a signature', (signature, why) => {
    expect(verifyDocument({ ...document, signature }, publicKey)).toEqual({ holds: false, why });
  });

  it('signs nothing without a key, and says so', () => {
    const none = new DocumentSigner(null);
    expect(none.sign(document)).toEqual({ ...document, signature: null });
    expect(none.publicKey).toBeUndefined();
  });

  it('takes no key of another kind', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => new DocumentSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }))).toThrow(/Ed25519/);
  });
});
