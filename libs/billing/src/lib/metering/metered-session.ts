import {
  StratumInspector,
  isJob,
  isNotification,
  type Dialect,
  type InspectorOptions,
  type ReconnectEvent,
  type ResponseEvent,
  type Share,
  type StratumEvent,
  type StratumEventSink,
} from '@mining-proxy/stratum-parser';
import type { Direction, SessionEnd, SessionIdentity, SessionTap, SessionView } from '@mining-proxy/relay';
import type { ClientDirectory, KnownLogin } from '../identity/client-directory';
import { SessionClient } from '../identity/session-client';
import { SessionLogins } from '../identity/session-logins';
import { storableText } from '../journal/records/clean-text';
import { AccountCheck } from './account-check';
import type { ClientMeter, CountedSession } from './client-meter';
import type { AuditBooks } from '../audit/audit-books';
import type { SessionAudit } from '../audit/session-audit';
import type { SessionGuests } from './guest-shares';
import type { HashrateEstimate } from './hashrate-estimate';
import type { LatencyHistogram } from './latency-histogram';
import { SessionShares } from './session-shares';
import type { CountedDialect, SessionTotals } from './session-totals';
import { SessionUsage, type FactSink, type Speaker } from './session-usage';
import type { ShareCounts } from './share-counts';
import { SessionWorkers, type WorkerBooks } from '../workers/session-workers';

/** Streams that are relayed and whose bytes are billed, but in which nothing can be read. */
const OPAQUE: ReadonlySet<Dialect | null> = new Set<Dialect>(['http', 'tls', 'stratum2', 'opaque']);

/** Besides these, streams whose lines can be read while most shares are in frames that are not. */
const UNMEASURED: ReadonlySet<Dialect | null> = new Set([...OPAQUE, 'btcagent']);

/** What a session needs of those who keep its numbers. */
export interface SessionBooks extends WorkerBooks {
  readonly directory: ClientDirectory;
  /** How the chunks of a session are looked at; null where they are not looked at at all. */
  readonly inspectionOf: (view: SessionView) => InspectorOptions | null;
  readonly totals: SessionTotals;
  readonly audit: AuditBooks;
  /** Where usage is written down to be billed. */
  readonly facts: FactSink;
  /** The session knows its client from now on. Gives what adds up that client's sessions. */
  identified(session: MeteredSession, identity: SessionIdentity): ClientMeter;
  /** What adds up the shares of a client that come on sessions of others. */
  meterOf(clientId: string, poolHost: string): ClientMeter;
  closed(session: MeteredSession): void;
}

/**
 * Meters one session: asks the inspector what the chunks say, and tells those who keep its shares, find out who is
 * billed, check accounts, and write it all down.
 *
 * Its numbers are its own until it closes; whoever shows a client's numbers adds up its sessions.
 */
export class MeteredSession implements SessionTap, StratumEventSink, CountedSession, Speaker {
  /** Requests of the miner that nobody here knows: work may pass in them that is not counted. */
  unknownRequests = 0;
  /** What adds up its sessions, this one among them. */
  clientMeter: ClientMeter | undefined;
  /** What the session counts as in `stratum_sessions_total`; set once, when it is counted. */
  countedDialect: CountedDialect | undefined;

  /** Whether it is inspected. */
  readonly wantsChunks: boolean;

  private readonly auditing: SessionAudit | undefined;
  private readonly inspector: StratumInspector;
  private readonly usage: SessionUsage;
  private readonly logins: SessionLogins;
  private readonly client: SessionClient;
  private readonly accounts: AccountCheck;
  private readonly shares: SessionShares;
  private readonly machines: SessionWorkers;
  /** How long the pool takes to answer: one for all of its sessions. */
  private responses: LatencyHistogram | undefined;
  /** What the miner said, as long as that tells no dialect: lines that nobody can read, or requests that nobody knows. */
  private heard: 'nothing' | 'junk' | 'requests' = 'nothing';
  /** Where the pool has told the miner to connect to, in the pool's words: what it leaves out stays as it is. */
  private sentTo: string | undefined;

  constructor(
    /** Grows with every session: the order in which they are listed. */
    readonly serial: number,
    readonly view: SessionView,
    private readonly books: SessionBooks,
    private readonly tellIdentity: (identity: SessionIdentity) => void,
  ) {
    const inspection = books.inspectionOf(view);
    this.wantsChunks = inspection !== null;
    this.auditing = this.wantsChunks ? books.audit.sessionAudit(view, this) : undefined;
    this.inspector = new StratumInspector(inspection ?? {}, this, this.auditing && books.audit.line.witness);
    this.usage = new SessionUsage(view, this, books.facts, books.workerNames);
    this.logins = new SessionLogins(books);
    this.client = new SessionClient(view, books, (identity) => this.identified(identity));
    this.accounts = new AccountCheck(this.client, books, this.usage);
    this.machines = new SessionWorkers(books);
    this.shares = new SessionShares(view, this.logins, this.usage, books, this, this.machines, this.auditing);
  }

  /** Whether its shares are what they claim; undefined where they are not audited. */
  get audit(): SessionAudit | undefined {
    this.shares.book();
    return this.auditing;
  }

  get counts(): ShareCounts {
    return this.shares.counts;
  }

  get guests(): SessionGuests | undefined {
    return this.shares.guests;
  }

  get hashrate(): HashrateEstimate {
    return this.shares.hashrate;
  }

  /** Who is billed; undefined until it is known, then the same for good. */
  get clientId(): string | undefined {
    return this.client.id;
  }

  /** The first worker that logged in, or submitted where nobody did. */
  get worker(): string | null {
    return this.client.worker;
  }

  /** What the session speaks; null while nothing is known. */
  get dialect(): Dialect | null {
    return this.inspector.dialect;
  }

  /** Workers that tried to log in, in order. */
  get workers(): readonly string[] {
    return [...new Set(this.inspector.logins.map((login) => this.logins.read(login).worker))];
  }

  /** The difficulty of the next job; null where it is not known. */
  get difficulty(): number | null {
    return this.inspector.nextDifficulty;
  }

  /** Whether the bytes of this session are relayed without anything to be seen in them. */
  get unmeasured(): boolean {
    return !this.wantsChunks || UNMEASURED.has(this.dialect);
  }

  /** Called once, before the first chunk. */
  opened(): void {
    this.usage.opened();
    this.client.opened();
  }

  chunk(direction: Direction, chunk: Uint8Array, readAt?: number): void {
    if (!this.wantsChunks) return;
    try {
      this.inspector.chunk(direction, chunk, readAt);
    } catch (fault) {
      this.inspector.close();
      this.shares.abandon();
      throw fault;
    }
  }

  /** Writes down what was moved since the last time. Called at a regular pace. */
  progressed(): void {
    this.book();
    this.usage.progressed();
  }

  /** Adds the shares that are not booked yet to the numbers of workers and of the audit. */
  book(): void {
    this.shares.book();
  }

  sharesInFlight(): number {
    return this.inspector.inFlight;
  }

  /** A request that nobody knows is none: there may be more dialects than are known here. */
  isJunk(): boolean {
    return this.wantsChunks && this.dialect === null && this.heard === 'junk';
  }

  closed(end: SessionEnd): void {
    this.books.totals.undelivered(end);
    try {
      this.inspector.close();
      this.giveUpIdentity();
    } finally {
      this.book();
      this.machines.closed();
      this.usage.closed(end, end.reason.side === 'downstream' ? this.sentTo : undefined);
      this.books.closed(this);
    }
  }

  /** Nobody was found in time: the session is `unassigned` for good. */
  giveUpIdentity(): void {
    this.client.giveUp();
  }

  push(event: StratumEvent): void {
    this.auditing?.saw(event);
    // Nearly all events are these.
    if (event.kind === 'submit') this.submitted(event.share);
    else if (event.kind === 'response') this.answered(event);
    else this.pushRare(event);
  }

  private pushRare(event: Exclude<StratumEvent, { kind: 'submit' | 'response' }>): void {
    this.shares.heard(isNotification(event), isJob(event));
    if ('alsoAnswers' in event) this.took(event.latencyMs ?? 0);
    switch (event.kind) {
      case 'unanswered':
        this.shares.unanswered(event.share);
        break;
      case 'subscribe':
      case 'hello':
        if (event.agent !== null) this.machines.introduced(event.agent);
        break;
      case 'authorize':
        if (event.agent !== null) this.machines.introduced(event.agent);
        this.accounts.used(this.logins.read(event.login));
        break;
      case 'other_request':
        this.heard = 'requests';
        if (event.method !== null) this.askedUnknown(event.method);
        break;
      case 'reconnect':
        this.sentElsewhere(event);
        break;
      case 'malformed':
        if (event.direction === 'to_upstream' && this.heard === 'nothing') this.heard = 'junk';
        this.books.totals.unparsedLine(event.direction, event.reason);
        break;
      case 'oversize':
        this.books.totals.unparsedLine(event.direction, 'too_long');
        break;
      case 'dialect':
        if (OPAQUE.has(event.dialect)) this.giveUpIdentity();
        break;
      default:
      // The other events say nothing that is counted.
    }
  }

  private sentElsewhere({ host, port }: ReconnectEvent): void {
    const { id: sessionId, poolHost } = this.view;
    this.sentTo = storableText(`${host ?? ''}:${port ?? ''}`);
    this.books.totals.reconnectRequested({ sessionId, clientId: this.clientId, poolHost, host, port });
  }

  private askedUnknown(method: string): void {
    this.unknownRequests += 1;
    this.books.totals.unknownRequest(method);
  }

  private submitted(share: Share): void {
    this.shares.submitted();
    const { login, worker } = share;
    if (login === null || worker === null) return;
    const known = this.logins.read(login);
    const guest = this.client.submitted(worker, known);
    if (guest !== undefined) this.shares.host(share, guest);
    this.accounts.used(known, guest);
  }

  private answered(event: ResponseEvent): void {
    if (event.to === null) return;
    this.took(event.latencyMs);
    if (event.to === 'submit') {
      this.shares.answered(event);
      return;
    }
    if (event.worker === null || event.login === null) return;
    if (event.outcome === 'ok') this.loggedIn(event.worker, this.logins.read(event.login));
    else this.client.loginRefused(event.worker);
  }

  private loggedIn(name: string, known: KnownLogin): void {
    this.client.loggedIn(name, known);
    if (this.clientId !== undefined) this.machines.loggedIn(this.clientId, known.worker);
  }

  private identified(identity: SessionIdentity): void {
    this.usage.identified(identity.clientId);
    this.clientMeter = this.books.identified(this, identity);
    this.accounts.identified(identity.clientId);
    this.auditing?.payouts.identified(identity.clientId);
    this.tellIdentity(identity);
  }

  private took(latencyMs: number): void {
    this.responses ??= this.books.totals.responsesOf(this.view.poolHost);
    this.responses.observe(latencyMs / 1000);
  }
}
