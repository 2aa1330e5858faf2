import canonicalize from 'canonicalize';
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/** What a signed document carries beside what is signed. */
export interface DocumentSignature {
  readonly algorithm: 'Ed25519';
  /** Whose: the first 16 hexadecimal digits of the SHA-256 of the public key (SPKI in DER, RFC 8410). */
  readonly key_id: string;
  /** Over the canonical JSON (RFC 8785) of the document without its member `signature`, in UTF-8; base64. */
  readonly value: string;
}

/** A document with its signature; null where there is no key to sign with. */
export type Signed<T> = T & { readonly signature: DocumentSignature | null };

/** Signs documents with a private key of Ed25519 (RFC 8032), or leaves them unsigned without one. */
export class DocumentSigner {
  private readonly key: { readonly own: KeyObject; readonly id: string; readonly publicPem: string } | null;

  /** `pem`: the private key, PKCS #8; null where documents are not signed. Throws where it is no such key. */
  constructor(pem: string | Buffer | null) {
    if (pem === null) {
      this.key = null;
      return;
    }
    const own = createPrivateKey(pem);
    if (own.asymmetricKeyType !== 'ed25519') throw new TypeError('not a private key of Ed25519');
    const publicKey = createPublicKey(own);
    const publicPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
    this.key = { own, id: keyIdOf(publicKey), publicPem };
  }

  /** What signatures are verified with, SPKI in PEM; undefined where nothing is signed. */
  get publicKey(): string | undefined {
    return this.key?.publicPem;
  }

  sign<T extends object>(document: T): Signed<T> {
    if (this.key === null) return { ...document, signature: null };
    const { own, id } = this.key;
    const value = sign(null, signedBytes(document), own).toString('base64');
    return { ...document, signature: { algorithm: 'Ed25519', key_id: id, value } };
  }
}

/** How a key is called in signatures. */
export function keyIdOf(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
}

/** What came out of verifying a document. */
export type SignatureCheck =
  | { readonly holds: true; readonly keyId: string }
  | { readonly holds: false; readonly why: 'unsigned' | 'unreadable' | 'changed' }
  /** It names another key than the one at hand. */
  | { readonly holds: false; readonly why: 'other_key'; readonly signedBy: string; readonly atHand: string };

/** Whether a document is what the holder of the private key has signed, to the last digit. */
export function verifyDocument(
  document: Readonly<Record<string, unknown>>,
  publicKey: KeyObject,
): SignatureCheck {
  const { signature, ...content } = document;
  if (signature === undefined || signature === null) return { holds: false, why: 'unsigned' };
  const {
    algorithm,
    key_id: signedBy,
    value,
  } = signature as Partial<Record<keyof DocumentSignature, unknown>>;
  if (algorithm !== 'Ed25519' || typeof signedBy !== 'string' || typeof value !== 'string') {
    return { holds: false, why: 'unreadable' };
  }
  const atHand = keyIdOf(publicKey);
  if (signedBy !== atHand) return { holds: false, why: 'other_key', signedBy, atHand };
  const holds = verify(null, signedBytes(content), publicKey, Buffer.from(value, 'base64'));
  return holds ? { holds, keyId: atHand } : { holds, why: 'changed' };
}

function signedBytes(document: object): Buffer {
  return Buffer.from(canonicalize(document) ?? '', 'utf8');
}
