import {
  addressOf,
  BITCOIN_ADDRESSES,
  LITECOIN_ADDRESSES,
  scriptOf,
  type AddressForm,
  type Payout,
} from '@mining-proxy/coinbase';
import { increase } from '../metering/session-totals';
import type { AuditAlgorithm } from './auditor';
import type { HeardJob } from './heard-job';

/** One output of a coinbase as it is shown. */
export interface ShownPayout {
  /** As the client's configuration spells it, else as Bitcoin does, or Litecoin for scrypt; null where it has no usual form. */
  readonly address: string | null;
  /** Hexadecimal. */
  readonly script: string;
  /** In the chain's smallest unit. */
  readonly value: bigint;
}

/** Whom a session's newest job would pay. */
export interface ShownPayouts {
  /** Of the block; null where the coinbase does not say it. */
  readonly height: number | null;
  /** Those that pay anything, at most `MOST_SHOWN`, and how many more there are. */
  readonly outputs: readonly ShownPayout[];
  readonly more: number;
  /** Whether one of them pays the client; null where it has no `payout_addresses`. */
  readonly paysClient: boolean | null;
}

/** A job that pays none of the addresses of its client. */
export interface ForeignPayout {
  readonly clientId: string;
  readonly poolHost: string;
  readonly sessionId: string;
  /** Null where its coinbase could not be read. */
  readonly paid: ShownPayouts | null;
}

const MOST_SHOWN = 20;
/** Jobs that wait to be looked at. */
const MOST_WAITING = 50_000;
/** Jobs that a session keeps until its client is known. */
const MOST_UNKNOWN = 4;
/** The event loop is had for so long at a time. */
const SLICE_MS = 1;
/** Addresses that are kept: pools pay the same ones with every job. */
const MOST_ADDRESSES = 1_000;

interface Announced {
  readonly session: SessionPayouts;
  readonly clientId: string;
  /** Undefined where it was too long to be kept. */
  readonly job: HeardJob | undefined;
}

/** Addresses of clients by the scripts that pay them. */
type Addresses = ReadonlyMap<string, string>;

/**
 * Looks at whom jobs would pay, where their client says whom they should: in turns of its own, never in that of the bytes.
 */
export class PayoutWatch {
  /** Hears of each, in a turn of its own: it must not throw. */
  onForeign: (payout: ForeignPayout) => void = () => undefined;
  /** Jobs that pay none of the client's addresses, by client as metrics name it; one that cannot be read is one. */
  readonly foreign = new Map<string, number>();
  /** Jobs whose coinbase could not be read, by pool. */
  readonly unread = new Map<string, number>();

  private clients: ReadonlyMap<string, Addresses> = new Map();
  private readonly spelled = new Map<string, string | null>();
  private waiting: Announced[] = [];
  private isRunning = false;

  /** `labelOf`: how metrics name a client. */
  constructor(private readonly labelOf: (clientId: string) => string) {}

  /** Who is to be paid, by client, from now on. What is no address is left out. */
  configure(addresses: ReadonlyMap<string, readonly string[]>): void {
    const clients = [...addresses].map(([clientId, texts]): [string, Addresses] => [
      clientId,
      new Map(texts.map((text) => [scriptOf(text)?.toString('hex') ?? '', text])),
    ]);
    this.clients = new Map(clients.filter(([, ofClient]) => ofClient.size > 0));
  }

  /** Whether any client says who is to be paid. */
  get isOn(): boolean {
    return this.clients.size > 0;
  }

  /** Shows zeros from the start: from a series that begins with its first event, no growth can be read. */
  expect(clientId: string, poolHost: string): void {
    if (!this.clients.has(clientId)) return;
    increase(this.foreign, this.labelOf(clientId), 0);
    increase(this.unread, poolHost, 0);
  }

  /** A job was announced to a session whose client is known. */
  announced(announced: Announced): void {
    if (!this.clients.has(announced.clientId)) return;
    if (this.waiting.length >= MOST_WAITING) {
      increase(this.unread, announced.session.poolHost, 1);
      return;
    }
    this.waiting.push(announced);
    if (this.isRunning) return;
    this.isRunning = true;
    setImmediate(() => this.run());
  }

  /** Whom a job would pay; undefined where its coinbase cannot be read. */
  shown(job: HeardJob, clientId: string | undefined, form: AddressForm): ShownPayouts | undefined {
    const { coinbase } = job;
    if (!coinbase) return undefined;
    const own = clientId === undefined ? undefined : this.clients.get(clientId);
    const paying = coinbase.outputs.filter(({ value }) => value > 0n);
    return {
      height: coinbase.height ?? null,
      outputs: paying.slice(0, MOST_SHOWN).map((payout) => this.shownPayout(payout, own, form)),
      more: Math.max(0, paying.length - MOST_SHOWN),
      paysClient: own ? paying.some(({ script }) => own.has(script.toString('hex'))) : null,
    };
  }

  private run(): void {
    const until = performance.now() + SLICE_MS;
    let done = 0;
    for (const announced of this.waiting) {
      if (performance.now() >= until) break;
      done += 1;
      this.look(announced);
    }
    this.waiting.splice(0, done);
    this.isRunning = this.waiting.length > 0;
    if (this.isRunning) setImmediate(() => this.run());
  }

  private look({ session, clientId, job }: Announced): void {
    const { sessionId, poolHost } = session;
    const paid = job && this.shown(job, clientId, session.form);
    if (!paid) increase(this.unread, poolHost, 1);
    else if (paid.paysClient !== false) return;
    increase(this.foreign, this.labelOf(clientId), 1);
    this.onForeign({ clientId, poolHost, sessionId, paid: paid ?? null });
  }

  private shownPayout({ script, value }: Payout, own: Addresses | undefined, form: AddressForm): ShownPayout {
    const hex = script.toString('hex');
    return { address: own?.get(hex) ?? this.spelledAs(hex, script, form), script: hex, value };
  }

  private spelledAs(hex: string, script: Buffer, form: AddressForm): string | null {
    const key = `${form.name} ${hex}`;
    let address = this.spelled.get(key);
    if (address === undefined) {
      address = addressOf(script, form) ?? null;
      this.spelled.set(key, address);
      const [oldest] = this.spelled.keys();
      if (this.spelled.size > MOST_ADDRESSES && oldest !== undefined) this.spelled.delete(oldest);
    }
    return address;
  }
}

/** Whom the jobs of one session would pay. */
export class SessionPayouts {
  readonly form: AddressForm;
  private clientId: string | undefined;
  private newest: HeardJob | undefined;
  /** Jobs of before the client was known. */
  private unknown: (HeardJob | undefined)[] = [];

  constructor(
    private readonly watch: PayoutWatch,
    readonly sessionId: string,
    readonly poolHost: string,
    algorithm: AuditAlgorithm,
  ) {
    this.form = algorithm === 'scrypt' ? LITECOIN_ADDRESSES : BITCOIN_ADDRESSES;
  }

  /** Of the newest job; null where there is none, or it cannot be read. */
  get shown(): ShownPayouts | null {
    return (this.newest && this.watch.shown(this.newest, this.clientId, this.form)) ?? null;
  }

  /** A job was announced; undefined where it was too long to be kept. */
  heard(job: HeardJob | undefined): void {
    this.newest = job;
    if (!this.watch.isOn) return;
    const { clientId } = this;
    if (clientId !== undefined) this.watch.announced({ session: this, clientId, job });
    else if (this.unknown.length < MOST_UNKNOWN) this.unknown.push(job);
  }

  identified(clientId: string): void {
    this.clientId = clientId;
    for (const job of this.unknown) this.watch.announced({ session: this, clientId, job });
    this.unknown = [];
  }
}
