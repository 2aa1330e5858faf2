import type { DirectionProof, SessionEnd, SessionView } from '@mining-proxy/relay';
import { UNASSIGNED } from '../identity/client-directory';
import type { DirectionProofFact, Fact, ShareFact } from '../journal/records/record';
import { workText, type ShareWork } from '../journal/records/share-work';
import type { ShareResult } from './share-counts';
import type { WorkerNames } from './worker-names';

/** Where facts of usage go to be billed. Takes them at once, never blocks, never throws. */
export interface FactSink {
  append(fact: Fact): void;
  /** No more comes in this turn of the event loop: what was taken is to be safe from the death of the process now. */
  flush(): void;
}

/** Whose facts they are, as it is known when they are written. */
export interface Speaker {
  readonly clientId: string | undefined;
  /** The session's first worker; null where nobody has logged in. */
  readonly worker: string | null;
  /** null while nothing is known. */
  readonly dialect: string | null;
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
    private readonly speaker: Speaker,
    private readonly sink: FactSink,
    private readonly workerNames: WorkerNames,
  ) {}

  opened(): void {
    const { id: session, listener, poolHost: pool, remoteAddress: source } = this.view;
    this.sink.append({ kind: 'open', session, listener, pool, source });
  }

  identified(clientId: string): void {
    const worker = this.billed(this.speaker.worker, clientId);
    const { dialect } = this;
    this.sink.append({ kind: 'client', session: this.view.id, client_id: clientId, worker, dialect });
  }

  /** `guest`: whose the share is, where that is not the session's client. Returns what was written. */
  share(name: string | null, result: ShareResult, work: ShareWork, guest: string | undefined): ShareFact {
    const { id: session } = this.view;
    const { dialect } = this;
    const worker = this.billed(name, guest ?? this.speaker.clientId);
    const { outcome, reason } = result;
    const { difficulty, hashes } = workText(work);
    // All members at once, for the usual ones: an object that grows gets a hidden class of its own.
    const own: ShareFact = {
      kind: 'share',
      session,
      worker,
      dialect,
      outcome,
      difficulty,
      hashes,
      spelled: undefined,
    };
    const isUsual = reason === undefined && guest === undefined;
    const fact = isUsual
      ? own
      : { ...own, ...(reason && { reason }), ...(guest !== undefined && { client_id: guest }) };
    this.sink.append(fact);
    return fact;
  }

  /** One more share of which the same is to be said as of one before. */
  again(fact: ShareFact): void {
    this.sink.append(fact);
  }

  /** `guest`: the client whose worker it is, where that is not the session's. */
  foreignAccount(name: string, guest: string | undefined): void {
    const theirs = guest !== undefined && { client_id: guest, worker: this.billed(name, guest) };
    this.sink.append({ kind: 'foreign', session: this.view.id, count: 1, ...theirs });
  }

  /** What was moved since the last time, and how long that took. */
  progressed(): void {
    const { session, worker, dialect } = this.names();
    const [bytes_sent, bytes_received, ms] = this.progress();
    this.sink.append({ kind: 'usage', session, worker, dialect, bytes_sent, bytes_received, ms });
  }

  /** `sentTo`: where the pool told the miner to connect to, if the miner left after that. */
  closed({ reason: { side, code }, proof }: SessionEnd, sentTo: string | undefined): void {
    const { session, worker, dialect } = this.names();
    const [bytes_sent, bytes_received, ms] = this.progress();
    const fact: Fact = {
      kind: 'close',
      session,
      worker,
      dialect,
      bytes_sent,
      bytes_received,
      ms,
      side,
      code,
    };
    if (proof === undefined && sentTo === undefined) {
      this.sink.append(fact);
      return;
    }
    this.sink.append({
      ...fact,
      ...(proof && {
        proof: { to_upstream: proofFact(proof.toUpstream), to_downstream: proofFact(proof.toDownstream) },
      }),
      ...(sentTo !== undefined && { sent_to: sentTo }),
    });
  }

  private names() {
    const worker = this.billed(this.speaker.worker, this.speaker.clientId);
    return { session: this.view.id, worker, dialect: this.dialect };
  }

  /** Bytes sent and received, and milliseconds, since the last time. */
  private progress(): readonly [sent: number, received: number, ms: number] {
    const { bytesToUpstream, bytesToDownstream, durationMs } = this.view;
    // Whole milliseconds whose sum is the whole duration: what is cut off here is in the next record.
    const ms = Math.floor(durationMs);
    const progress = [
      bytesToUpstream - this.writtenSent,
      bytesToDownstream - this.writtenReceived,
      ms - this.writtenMs,
    ] as const;
    this.writtenSent = bytesToUpstream;
    this.writtenReceived = bytesToDownstream;
    this.writtenMs = ms;
    return progress;
  }

  private get dialect(): string {
    return this.speaker.dialect ?? 'none';
  }

  /** The name that the worker stands under in every record; before the client is known the names are nobody's. */
  private billed(name: string | null, clientId: string | undefined): string | null {
    return name === null ? null : this.workerNames.billed(clientId ?? UNASSIGNED, name);
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
