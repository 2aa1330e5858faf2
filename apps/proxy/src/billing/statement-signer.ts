import type { DocumentSigner, Signed } from '@mining-proxy/billing';

/** Signs what is billed, with the key of the configuration in force. */
export class StatementSigner {
  constructor(private signer: DocumentSigner) {}

  /** Signs with another key from now on; what was signed stays verifiable with the old one's public part. */
  take(signer: DocumentSigner): void {
    this.signer = signer;
  }

  sign<T extends object>(document: T): Signed<T> {
    return this.signer.sign(document);
  }

  /** SPKI in PEM; undefined where nothing is signed. */
  get publicKey(): string | undefined {
    return this.signer.publicKey;
  }
}
