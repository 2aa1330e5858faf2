import type { DialectRules } from './dialect';
import { alephium } from './alephium';
import { beam } from './beam';
import { ckb } from './ckb';
import { conflux } from './conflux';
import { cryptonote } from './cryptonote';
import { ergo } from './ergo';
import { ethproxy } from './ethproxy';
import { ethstratum0 } from './ethstratum0';
import { ethstratum1 } from './ethstratum1';
import { ethstratum2 } from './ethstratum2';
import { grin } from './grin';
import { handshake } from './handshake';
import { ironfish } from './ironfish';
import { json } from './json';
import { kaspa } from './kaspa';
import { kawpow } from './kawpow';
import { sia } from './sia';
import { stratum1 } from './stratum1';
import { xelis } from './xelis';
import { zcash } from './zcash';

/** Of equal evidence the first one's counts. A new dialect is one line here. */
export const DIALECTS: readonly DialectRules[] = [
  ethstratum2,
  stratum1,
  ethstratum1,
  ethstratum0,
  ethproxy,
  grin,
  cryptonote,
  zcash,
  kawpow,
  kaspa,
  ergo,
  conflux,
  alephium,
  ckb,
  sia,
  handshake,
  ironfish,
  xelis,
  beam,
  json,
];

/** Asked where a session's own dialect does not know a message: their words mean the same everywhere. */
export const SHARED_DIALECTS: readonly DialectRules[] = DIALECTS.filter(({ shared }) => shared);

/** The rules of a session of which nothing is known yet. */
export const FIRST_DIALECT = stratum1;

/** Understands every message, somehow. */
export const LAST_DIALECT = json;

/** BTC.com's agent: stratum1 between binary frames. The frames carry shares that nobody sees. */
export const AGENT_DIALECT: DialectRules = { ...stratum1, name: 'btcagent' };
