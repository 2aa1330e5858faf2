import type { Direction, StratumEvent } from '..';
import { StratumInspector } from '..';
import {
  EventTally,
  loadMoreSessions,
  loadMoreVectors,
  loadSessions,
  loadVectors,
  optionsOf,
} from '../testing';
import type { CaseConfig } from '../testing';

interface Script {
  readonly name: string;
  readonly config: CaseConfig;
  readonly steps: readonly { readonly direction: Direction; readonly bytes: Buffer }[];
}

const scripts: readonly Script[] = [
  ...[...loadVectors(), ...loadMoreVectors()].map(({ name, config, setup, direction, bytes }) => ({
    name,
    config,
    steps: [...setup, { direction, bytes }],
  })),
  ...[...loadSessions(), ...loadMoreSessions()],
];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const SPELLINGS: readonly (readonly [how: string, spell: (message: Json) => string])[] = [
  ['without any space', (message) => JSON.stringify(message)],
  ['with spaces everywhere', (message) => spaced(message, ' ')],
  ['with tabs and a CR', (message) => `\t${spaced(message, '\t')}\r`],
  ['with its keys in reverse', (message) => JSON.stringify(changed(message, reversed))],
  ['with its keys sorted', (message) => JSON.stringify(changed(message, sorted))],
  ['with fields that nobody knows', (message) => JSON.stringify(changed(message, enriched))],
  ['with escapes', (message) => escaped(JSON.stringify(message))],
];

describe.each(SPELLINGS)('a message %s', (_, spell) => {
  it('says what it says as it was recorded', () => {
    for (const script of scripts) {
      const told = [script.name, ...factsOf(script, (message) => spell(message))];
      expect(told).toEqual([script.name, ...factsOf(script)]);
    }
  });
});

/** What is told of a script whose messages are spelled anew where they are JSON. */
function factsOf({ steps, config }: Script, spell?: (message: Json) => string): readonly StratumEvent[] {
  const tally = new EventTally();
  // Other spellings are longer: what is an oversize line is not asked here.
  const inspector = new StratumInspector({ ...optionsOf(config), now: () => 0 }, tally);
  for (const { direction, bytes } of steps) {
    inspector.chunk(direction, spell === undefined ? bytes : respelled(bytes, spell));
  }
  inspector.close();
  return tally.events;
}

function respelled(bytes: Buffer, spell: (message: Json) => string): Buffer {
  const lines = bytes.toString('latin1').split('\n');
  return Buffer.concat(
    lines.flatMap((line, at) => [at === 0 ? '' : '\n', lineAnew(line, spell)]).map(latin1),
  );
}

/** Padding, frames, headers, what is no JSON and what would be less as JSON (infinite) stay as they are. */
function lineAnew(line: string, spell: (message: Json) => string): string {
  if (!/^[{[]/.test(line) || line.length > 4096 || line.includes('1e999')) return line;
  try {
    const message = JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as Json;
    const isMessage = typeof message === 'object' && message !== null;
    return isMessage ? Buffer.from(spell(message), 'utf8').toString('latin1') : line;
  } catch {
    return line;
  }
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function spaced(value: Json, space: string): string {
  if (Array.isArray(value)) return `[${value.map((part) => space + spaced(part, space) + space).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, part]) => `${space}${JSON.stringify(key)}${space}:${space}${spaced(part, space)}${space}`,
  );
  return `{${members.join(',')}}`;
}

type Members = [key: string, value: Json][];

/** Changes the members of a message, or of each one in a batch. */
function changed(message: Json, change: (members: Members) => Members): Json {
  if (Array.isArray(message)) return message.map((part) => changed(part, change));
  if (typeof message !== 'object' || message === null) return message;
  return Object.fromEntries(change(Object.entries(message)));
}

const reversed = (members: Members): Members => [...members].reverse();
const sorted = (members: Members): Members => [...members].sort(([one], [other]) => (one < other ? -1 : 1));
const enriched = (members: Members): Members => [
  ['jsonrpc', '2.0'],
  ...members.filter(([key]) => key !== 'jsonrpc'),
  ['sid', { id: 4, result: true, method: 'mining.notify' }],
  ['latency', 1.5],
];

/** Every letter of a text as an escape, so that no cheap look knows it again. */
function escaped(json: string): string {
  return json.replace(/"((?:[^"\\]|\\.)*)"/g, (text) =>
    text.replace(/[a-z](?<!\\[a-z])(?<!\\u[0-9a-f]{0,3})/gi, (letter) => {
      const code = letter.charCodeAt(0).toString(16).padStart(4, '0');
      return `\\u${code}`;
    }),
  );
}
