import { asRecord, line, type Answer, type MessageId, type Request } from '../../message';
import { AGENT } from '../../miner/agent';
import { codeAndMessage, outcomeOf, type Outcome } from '../../miner/outcome';
import { Workbench, type SubmitWriter } from '../../miner/workbench';
import type { MinerDialect, MinerPort, MinerSpeech } from '../miner-dialect';
import { NONCE_AT, NONCE_BYTES } from './cryptonote-rule';
import { CryptoNoteSearch, type CryptoNoteShare } from './cryptonote-search';
import { readTarget } from './cryptonote-target';

const NOBODYS_SESSION = 'ffffffff-0000-4000-8000-000000000000';

/** An xmrig: one login, whose answer brings a session and the first job. */
class CryptoNoteMiner implements MinerSpeech, SubmitWriter<CryptoNoteShare> {
  readonly dialect = 'cryptonote';
  readonly bench = new Workbench<CryptoNoteShare, CryptoNoteSearch>(this);
  private session = '';
  private height: unknown;

  constructor(private readonly port: MinerPort) {}

  /** The dialect has one worker per connection: the first. */
  begin(): void {
    const [login = ''] = this.port.names;
    this.ask('login', { login, pass: 'x', agent: AGENT, algo: ['rx/0'] }, ({ result, error }) => {
      const said = asRecord(result);
      if (asRecord(error) !== undefined || typeof said?.id !== 'string') {
        this.port.turnedAway();
        return;
      }
      this.session = said.id;
      this.port.letIn(login);
      if (said.job !== undefined && !this.takeJob(asRecord(said.job))) this.port.malformed();
      this.ask('keepalived', { id: this.session }, () => undefined);
    });
  }

  told({ method, named }: Request): void {
    if (method === 'job' && !this.takeJob(named)) this.port.malformed();
  }

  outcomeOf(answer: Answer): Outcome {
    const why = codeAndMessage(answer.error);
    if (why !== undefined) return { kind: 'rejected', text: why };
    return asRecord(answer.result)?.status === 'OK' ? { kind: 'accepted' } : outcomeOf(answer);
  }

  /** Submits name no worker: whatever session they claim, they are this connection's. */
  strangerTo(worker: string): string {
    return worker;
  }

  submit(
    id: MessageId,
    { jobId, nonce, result }: CryptoNoteShare,
    _worker: string,
    stranger: boolean,
  ): string {
    const session = stranger ? NOBODYS_SESSION : this.session;
    const params = { id: session, job_id: jobId, nonce, result, algo: 'rx/0' };
    return line({ id, jsonrpc: '2.0', method: 'submit', params });
  }

  private takeJob(job: Readonly<Record<string, unknown>> | undefined): boolean {
    const { blob, job_id: jobId, height } = job ?? {};
    const target = readTarget(job?.target);
    if (typeof blob !== 'string' || typeof jobId !== 'string' || target === undefined) return false;
    const bytes = Buffer.from(blob, 'hex');
    if (bytes.length < NONCE_AT + NONCE_BYTES) return false;
    this.port.jobRead(jobId);
    // A job that is sent once more goes on where it was, or its shares would be duplicates.
    const again = this.bench.searchOf(jobId);
    const search = new CryptoNoteSearch(jobId, bytes, target, again?.nextNonce);
    this.bench.take(search, target, height !== this.height);
    this.height = height;
    return true;
  }

  private ask(method: string, params: object, answered: (answer: Answer) => void): void {
    this.port.ask((id) => line({ id, jsonrpc: '2.0', method, params }), answered);
  }
}

export const CRYPTONOTE_MINER: MinerDialect = {
  name: 'cryptonote',
  speak: (port) => new CryptoNoteMiner(port),
};
