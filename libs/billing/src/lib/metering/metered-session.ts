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
import { UNASSIGNED, type ClientDirectory, type KnownLogin } from '../identity/client-directory';
import { SessionLogins } from '../identity/session-logins';
import { cleanText, storableText } from '../journal/records/clean-text';
import { NO_WORK, shareWork, type ShareWork } from '../journal/records/share-work';
import { GuestShares, type ClientMeter } from './client-meter';
import type { CountedDialect, SessionTotals } from './session-totals';
import { HashrateEstimate } from './hashrate-estimate';
import { SessionUsage, type FactSink } from './session-usage';
import { ShareCounts, type ShareResult } from './share-counts';
import type { WorkerNames } from './worker-names';
import type { WorkerRecord } from '../workers/worker-record';
import type { WorkerTable } from '../workers/worker-table';

/** Streams that are relayed and whose bytes are billed, but in which nothing can be read. */
const OPAQUE: ReadonlySet<Dialect | null> = new Set<Dialect>(['http', 'tls', 'stratum2', 'opaque']);

/** Besides these, streams whose lines can be read while most shares are in frames that are not. */
const UNMEASURED: ReadonlySet<Dialect | null> = new Set([...OPAQUE, 'btcagent']);

/** Characters of a miner's name and version that are kept. */
const LONGEST_AGENT = 100;

/** Most sessions never have a worker of their own kept: they share this one, which stays empty. */
const NOBODY = new Set<WorkerRecord>();

/** Workers that a session without a client remembers, of those refused and of those not. */
const EARLY_WORKERS = 100;

/** What a session needs of those who keep its numbers. */
export interface SessionBooks {
  readonly directory: ClientDirectory;
  /** How the chunks of a session are looked at; null where they are not looked at at all. */
  readonly inspectionOf: (view: SessionView) => InspectorOptions | null;
  readonly totals: SessionTotals;
  /** Where usage is written down to be billed. */
  readonly facts: FactSink;
  /** What workers are called there. */
  readonly workerNames: WorkerNames;
  /** What is kept of each worker. */
  readonly workers: WorkerTable;
  /** The session knows its client from now on. Gives what adds up that client's sessions. */
  identified(session: MeteredSession, identity: SessionIdentity): ClientMeter;
  /** What adds up the shares of a client that come on sessions of others. */
  meterOf(clientId: string, poolHost: string): ClientMeter;
  closed(session: MeteredSession): void;
}

/** A client that has shares on a session of another one. */
interface Guest {
  readonly clientId: string;
  readonly meter: ClientMeter;
}

/**
 * Meters one session: asks the inspector what the chunks say, counts it, and finds out once who is billed.
 *
 * Its numbers are its own until it closes; whoever shows a client's numbers adds up its sessions.
 */
export class MeteredSession implements SessionTap, StratumEventSink {
  /** All that the session carries, shares of other clients included. */
  readonly counts = new ShareCounts();
  /** The part of it that is other clients'; made at the first such share. */
  guests: GuestShares | undefined;
  /** Requests of the miner that nobody here knows: work may pass in them that is not counted. */
  unknownRequests = 0;
  readonly hashrate = new HashrateEstimate();
  /** What the miner said, as long as that tells no dialect: lines that nobody can read, or requests that nobody knows. */
  private heard: 'nothing' | 'junk' | 'requests' = 'nothing';
  /** Who is billed; undefined until it is known, then the same for good. */
  clientId: string | undefined;
  /** What adds up its sessions, this one among them. */
  clientMeter: ClientMeter | undefined;

  /** What the session counts as in `stratum_sessions_total`; set once, when it is counted. */
  countedDialect: CountedDialect | undefined;

  private readonly inspector: StratumInspector;
  private readonly inspected: boolean;
  private readonly usage: SessionUsage;
  private readonly logins: SessionLogins;
  /** Both made with the first guest: most sessions never have any. */
  private guestClients: Map<string, Guest> | undefined;
  private guestShares: Map<Share, Guest> | undefined;
  /** The first worker that logged in, or submitted where nobody did: bytes and time are its own. */
  private worker: string | null = null;
  /** Where the pool has told the miner to connect to, in the pool's words: what it leaves out stays as it is. */
  private sentTo: string | undefined;
  /** What the miner says that it is. */
  private agent: string | null = null;
  /** Workers that are on this session, and the one of the last share. */
  private attached = NOBODY;
  private lastAttached: WorkerRecord | undefined;
  /** Names as they came. Made at the first one: most sessions never have any. */
  private refused: Set<string> | undefined;
  /**
   * Logins and submits from before the client was known, for the check of foreign accounts. Gone
   * afterwards: an empty list keeps room for many.
   */
  private earlyUses: KnownLogin[] | undefined;

  constructor(
    /** Grows with every session: the order in which they are listed. */
    readonly serial: number,
    readonly view: SessionView,
    private readonly books: SessionBooks,
    private readonly tellIdentity: (identity: SessionIdentity) => void,
  ) {
    const inspection = books.inspectionOf(view);
    this.inspected = inspection !== null;
    this.inspector = new StratumInspector(inspection ?? {}, this);
    this.usage = new SessionUsage(view, books.facts);
    this.logins = new SessionLogins(books);
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
    return !this.inspected || UNMEASURED.has(this.dialect);
  }

  /** Looks for a client by the listener and the source address. Called once, before the first chunk. */
  opened(): void {
    this.usage.opened();
    const clientId = this.books.directory.byConnection(this.view);
    if (clientId !== undefined) this.identify({ clientId });
  }

  chunk(direction: Direction, chunk: Uint8Array): void {
    if (!this.inspected) return;
    try {
      this.inspector.chunk(direction, chunk);
    } catch (fault) {
      this.abandon();
      throw fault;
    }
  }

  /** Writes down what was moved since the last time. Called at a regular pace. */
  progressed(): void {
    this.usage.progressed(this.speech);
  }

  sharesInFlight(): number {
    return this.inspector.inFlight;
  }

  /** A request that nobody knows is none: there may be more dialects than are known here. */
  isJunk(): boolean {
    return this.inspected && this.dialect === null && this.heard === 'junk';
  }

  closed(end: SessionEnd): void {
    this.books.totals.undelivered(end);
    try {
      this.inspector.close();
      this.giveUpIdentity();
    } finally {
      for (const record of this.attached) record.left(Date.now());
      this.usage.closed(this.speech, end, end.reason.side === 'downstream' ? this.sentTo : undefined);
      this.books.closed(this);
    }
  }

  /** Nobody was found in time: the session is `unassigned` for good. */
  giveUpIdentity(): void {
    this.identify({ clientId: UNASSIGNED });
  }

  push(event: StratumEvent): void {
    if (isNotification(event)) this.counts.notifications += 1;
    if (isJob(event)) this.counts.jobs += 1;
    if ('alsoAnswers' in event) this.took(event.latencyMs ?? 0);
    switch (event.kind) {
      case 'submit':
        this.submitted(event.share);
        break;
      case 'response':
        this.answered(event);
        break;
      case 'unanswered':
        this.settled(event.share, { outcome: 'unanswered' });
        break;
      case 'subscribe':
      case 'hello':
        this.introduced(event.agent);
        break;
      case 'authorize':
        if (event.agent !== null) this.introduced(event.agent);
        this.used(this.logins.read(event.login), undefined);
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

  private introduced(agent: string | null): void {
    if (agent === null) return;
    this.agent = cleanText(agent).slice(0, LONGEST_AGENT);
    for (const record of this.attached) record.agent = this.agent;
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
    this.counts.submits += 1;
    const { login, worker } = share;
    if (login === null || worker === null) return;
    const known = this.logins.read(login);
    const refused = this.refused?.has(worker) ?? false;
    if (!refused) this.worker ??= known.worker;
    if (this.clientId === undefined && !refused) this.identifyBy(known);
    // What the pool may not even take is no reason to trouble another client.
    const guest = refused ? undefined : this.guestFor(known);
    if (guest) this.hosted(share, guest);
    this.used(known, guest?.clientId);
  }

  /** A share may be another client's than the session's: a proxy of several sites in front of us has one connection. */
  private guestFor(known: KnownLogin): Guest | undefined {
    const clientId = this.books.directory.byShare(known, this.clientId);
    if (clientId === undefined || clientId === this.clientId) return undefined;
    this.guestClients ??= new Map();
    let guest = this.guestClients.get(clientId);
    if (!guest) {
      guest = { clientId, meter: this.books.meterOf(clientId, this.view.poolHost) };
      this.guestClients.set(clientId, guest);
    }
    return guest;
  }

  private hosted(share: Share, guest: Guest): void {
    (this.guestShares ??= new Map()).set(share, guest);
    (this.guests ??= new GuestShares()).submit();
    guest.meter.guests.submit();
  }

  private answered(event: ResponseEvent): void {
    if (event.to === null) return;
    this.took(event.latencyMs);
    if (event.to === 'submit') {
      this.shareAnswered(event);
      return;
    }
    if (event.worker === null || event.login === null) return;
    if (event.outcome === 'ok') this.loggedIn(event.worker, this.logins.read(event.login));
    else this.loginRefused(event.worker);
  }

  private shareAnswered(event: Extract<ResponseEvent, { to: 'submit' }>): void {
    switch (event.outcome) {
      case 'accepted':
        this.accepted(event.share, event.stale);
        break;
      case 'rejected':
        this.settled(event.share, { outcome: 'rejected', reason: event.reason });
        break;
      case 'unknown':
        this.settled(event.share, { outcome: 'unknown' });
    }
  }

  private accepted(share: Share, stale: boolean): void {
    const work = this.settled(share, { outcome: stale ? 'accepted_stale' : 'accepted' });
    if (work.hashes !== null) this.hashrate.add(share.hashes ?? 0, this.view.durationMs);
  }

  /** Counts and writes down the one outcome of a share. Returns its work in whole numbers. */
  private settled(share: Share, result: ShareResult) {
    const work = shareWork(share.hashes, share.difficulty);
    this.counts.settle(result, work);
    const guest = this.guestShares?.get(share);
    if (guest) this.hostedNoMore(share, guest, result, work);
    const worker = share.login === null ? null : this.logins.read(share.login).worker;
    const clientId = guest?.clientId ?? this.clientId;
    const billed = this.billed(worker, clientId);
    if (billed !== null && clientId !== undefined) {
      this.attach(clientId, billed)?.settled(result, share.hashes, share.difficulty, Date.now());
    }
    this.usage.share(billed, this.dialect ?? 'none', result, work, guest?.clientId);
    return work;
  }

  private hostedNoMore(share: Share, guest: Guest, result: ShareResult, work: ShareWork): void {
    this.guestShares?.delete(share);
    this.guests?.settle(result, work);
    guest.meter.guests.settle(result, work);
  }

  private loggedIn(name: string, known: KnownLogin): void {
    this.refused?.delete(name);
    this.worker ??= known.worker;
    if (this.clientId === undefined) this.identifyBy(known);
    const billed = this.billed(known.worker, this.clientId);
    if (billed !== null && this.clientId !== undefined) this.attach(this.clientId, billed);
  }

  /** The record of a worker that is on this session, from now on if it was not yet. */
  private attach(clientId: string, worker: string): WorkerRecord | undefined {
    const last = this.lastAttached;
    if (last?.worker === worker && last.clientId === clientId) return last;
    const record = this.books.workers.record(clientId, worker);
    if (record && !this.attached.has(record)) {
      if (this.attached === NOBODY) this.attached = new Set();
      this.attached.add(record);
      record.joined(this.agent, Date.now());
    }
    return (this.lastAttached = record);
  }

  private loginRefused(worker: string): void {
    this.refused ??= new Set();
    if (this.refused.size < EARLY_WORKERS) this.refused.add(worker);
  }

  private identifyBy(known: KnownLogin): void {
    const clientId = this.books.directory.byLogin(known, this.view.remoteAddress);
    this.identify({ clientId, worker: known.worker });
  }

  private identify(identity: SessionIdentity): void {
    if (this.clientId !== undefined) return;
    this.clientId = identity.clientId;
    this.usage.identified(
      { ...identity, worker: this.billed(this.worker, this.clientId) },
      this.dialect ?? 'none',
    );
    this.clientMeter = this.books.identified(this, identity);
    const early = this.earlyUses ?? [];
    this.earlyUses = undefined;
    for (const known of early) this.checkAccount(known, undefined);
    this.tellIdentity(identity);
  }

  /** `guest`: whose the use is, where that is not the session's client. */
  private used(known: KnownLogin, guest: string | undefined): void {
    if (this.clientId !== undefined || guest !== undefined) {
      this.checkAccount(known, guest);
      return;
    }
    this.earlyUses ??= [];
    if (this.earlyUses.length < EARLY_WORKERS) this.earlyUses.push(known);
  }

  private checkAccount(known: KnownLogin, guest: string | undefined): void {
    const { directory, totals } = this.books;
    const clientId = guest ?? this.clientId;
    if (clientId === undefined || !directory.isForeign(clientId, known)) return;
    totals.foreignAccount(clientId);
    const worker = guest === undefined ? null : this.billed(known.worker, guest);
    this.usage.foreignAccount(guest === undefined ? undefined : { client_id: guest, worker });
  }

  private get speech() {
    return { worker: this.billed(this.worker, this.clientId), dialect: this.dialect ?? 'none' };
  }

  /** The name that the worker stands under in every record; before the client is known the names are nobody's. */
  private billed(worker: string | null, clientId: string | undefined): string | null {
    return worker === null ? null : this.books.workerNames.billed(clientId ?? UNASSIGNED, worker);
  }

  private took(latencyMs: number): void {
    this.books.totals.answered(this.view.poolHost, latencyMs / 1000);
  }

  /** The inspection has failed and will not see an answer any more: what is open is unanswered, from now on. */
  private abandon(): void {
    const { counts } = this;
    this.inspector.close();
    // Shares that were being settled when the fault struck are in nobody's list any more.
    for (const share of this.guestShares?.keys() ?? []) this.settled(share, { outcome: 'unanswered' });
    while (counts.settled < counts.submits) {
      counts.settle({ outcome: 'unanswered' }, NO_WORK);
      this.usage.share(null, this.dialect ?? 'none', { outcome: 'unanswered' }, NO_WORK, undefined);
    }
  }
}
