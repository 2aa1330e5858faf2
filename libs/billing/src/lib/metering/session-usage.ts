import type { DirectionProof, SessionEnd, SessionView } from '@mining-proxy/relay';
import type { DirectionProofFact, Fact, ShareFact } from '../journal/records/record';
import { workText, type ShareWork } from '../journal/records/share-work';
import type { ShareResult } from './share-counts';

/** Where facts of usage go to be billed. Takes them at once, never blocks, never throws. */
export interface FactSink {
  append(fact: Fact): void;
}

/** What a fact says of its session beside what happened. */
export interface SessionSpeech {
  /** The session's first worker; null where nobody has logged in. */
  readonly worker: string | null;
  /** `none` while nothing is known. */
  readonly dialect: string;
}

/**
 * Writes one session into the journal: who it is, each share with its one outcome, and what it has moved since
 * it last said so.
 */
export class SessionUsage {
  private writtenSent = 0;
  private writtenReceived = 0;
  private writtenMs = 0;

  constructor(
    private readonly view: SessionView,
    private readonly sink: FactSink,
  ) {}

  opened(): void {
    const { id: session, listener, poolHost: pool, remoteAddress: source } = this.view;
    this.sink.append({ kind: 'open', session, listener, pool, source });
  }

  identified(
    { clientId, worker = null }: { clientId: string; worker?: string | null },
    dialect: string,
  ): void {
    this.sink.append({ kind: 'client', session: this.view.id, client_id: clientId, worker, dialect });
  }

  /** `guest`: whose the share is, where that is not the session's client. */
  share(
    worker: string | null,
    dialect: string,
    result: ShareResult,
    work: ShareWork,
    guest: string | undefined,
  ): void {
    const { id: session } = this.view;
    const fact: ShareFact = { kind: 'share', session, worker, dialect, ...result, ...workText(work) };
    this.sink.append(guest === undefined ? fact : { ...fact, client_id: guest });
  }

  /** `guest`: the client, where that is not the session's, and its worker. */
  foreignAccount(guest?: { readonly client_id: string; readonly worker: string | null }): void {
    this.sink.append({ kind: 'foreign', session: this.view.id, count: 1, ...guest });
  }

  /** What was moved since the last time, and how long that took. */
  progressed(speech: SessionSpeech): void {
    this.sink.append({ kind: 'usage', ...this.progress(speech) });
  }

  /** `sentTo`: where the pool told the miner to connect to, if the miner left after that. */
  closed(speech: SessionSpeech, { reason, proof }: SessionEnd, sentTo: string | undefined): void {
    this.sink.append({
      kind: 'close',
      ...this.progress(speech),
      side: reason.side,
      code: reason.code,
      ...(proof && {
        proof: { to_upstream: proofFact(proof.toUpstream), to_downstream: proofFact(proof.toDownstream) },
      }),
      ...(sentTo === undefined ? {} : { sent_to: sentTo }),
    });
  }

  private progress({ worker, dialect }: SessionSpeech) {
    const { id: session, bytesToUpstream, bytesToDownstream, durationMs } = this.view;
    // Whole milliseconds whose sum is the whole duration: what is cut off here is in the next record.
    const ms = Math.floor(durationMs);
    const progress = {
      session,
      worker,
      dialect,
      bytes_sent: bytesToUpstream - this.writtenSent,
      bytes_received: bytesToDownstream - this.writtenReceived,
      ms: ms - this.writtenMs,
    };
    this.writtenSent = bytesToUpstream;
    this.writtenReceived = bytesToDownstream;
    this.writtenMs = ms;
    return progress;
  }
}

function proofFact(proof: DirectionProof): DirectionProofFact {
  return {
    read_bytes: proof.readBytes,
    read_sha256: proof.readSha256,
    delivered_bytes: proof.deliveredBytes,
    delivered_sha256: proof.deliveredSha256,
  };
}
