import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { verifyDocument } from '@mining-proxy/billing';
import { ParameterError } from './parameters';

/**
 * Says with `print` whether a statement or a closed month is as it was signed, and returns the exit code: 0 if it is, 1 if
 * not. Throws a `ParameterError` where a file is none of the kind.
 */
export function verifyStatement(
  { file, publicKeyFile }: { readonly file: string; readonly publicKeyFile: string },
  print: (text: string) => void,
): number {
  const document = documentIn(file);
  const check = verifyDocument(document, publicKeyIn(publicKeyFile));
  const { client_id: clientId = 'all clients', month = 'no month', closed, sha256 } = document;
  const name = `${String(clientId)}, ${String(month)}`;
  if (check.holds) {
    const isFinal = sha256 !== undefined || (closed !== undefined && closed !== null);
    const rest = isFinal ? '' : '; its month was not closed then, and its numbers may have grown since';
    print(`${name}: unchanged since it was signed with key ${check.keyId}${rest}\n`);
    return 0;
  }
  switch (check.why) {
    case 'unsigned':
      print(`${name}: not signed\n`);
      break;
    case 'unreadable':
      print(`${name}: its signature cannot be read\n`);
      break;
    case 'other_key':
      print(`${name}: signed with key ${check.signedBy}, and ${publicKeyFile} holds ${check.atHand}\n`);
      break;
    case 'changed':
      print(`${name}: NOT as it was signed: something in it was changed\n`);
  }
  return 1;
}

function documentIn(file: string): Readonly<Record<string, unknown>> {
  const text = textOf(file);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new ParameterError(`${file} is not JSON: a statement is verified as JSON, not as CSV`);
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document))
    return document as Record<string, unknown>;
  throw new ParameterError(`${file} holds no statement: it is no JSON object`);
}

function publicKeyIn(file: string): KeyObject {
  const text = textOf(file);
  try {
    const key = createPublicKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below, with what is expected.
  }
  throw new ParameterError(`${file} holds no public key of Ed25519 in PEM, as /billing/public-key has it`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ParameterError(
      `${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
    );
  }
}
