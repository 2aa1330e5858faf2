import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Direction } from '..';

const DATA = join(__dirname, 'data');

type Expectation = Readonly<Record<string, unknown>>;

/** Settings that a case asks for, in the words of the data files. */
export interface CaseConfig {
  readonly hashesPerDiff1?: number;
  readonly maxLine?: number;
  readonly numericTarget?: 'difficulty';
}

/** One message (or a few) and what it must be read as. */
export interface VectorCase {
  readonly name: string;
  readonly dialect: string;
  readonly direction: Direction;
  readonly bytes: Buffer;
  readonly setup: readonly SessionStep[];
  readonly config: CaseConfig;
  /** The places at which the vector itself asks to be cut. */
  readonly cuts: readonly number[];
  readonly expect: Expectation;
}

export interface SessionStep {
  readonly atMs: number;
  readonly direction: Direction;
  readonly bytes: Buffer;
}

/** A whole session and its totals. */
export interface SessionCase {
  readonly name: string;
  readonly dialect: string;
  readonly config: CaseConfig;
  readonly steps: readonly SessionStep[];
  readonly expect: Expectation;
}

/** A refusal as pools send it, and its class. */
export interface ReasonCase {
  readonly source: string;
  readonly dialect: string;
  readonly code: number | null;
  readonly text: string;
  readonly reason: string;
}

interface RawStep {
  readonly t?: number;
  readonly dir: string;
  readonly text: string;
  readonly eol?: string;
}

interface RawVector {
  readonly name: string;
  readonly dialect: string;
  readonly direction: string;
  readonly bytes_hex_or_text: string;
  readonly encoding?: string;
  readonly setup?: readonly RawStep[];
  readonly config?: CaseConfig;
  readonly cuts?: readonly number[];
  readonly expect: Expectation;
}

interface RawSessionLine extends RawStep {
  readonly meta?: { readonly name: string; readonly dialect: string };
  readonly config?: CaseConfig;
  readonly expect?: Expectation;
}

/** The vectors that the dialects were written after. */
export function loadVectors(): readonly VectorCase[] {
  return vectorsOf('vectors.jsonl');
}

/** Vectors of this project's own: each rule once more, as other miners and pools spell it. */
export function loadMoreVectors(): readonly VectorCase[] {
  return vectorsOf(join('more', 'vectors.jsonl'));
}

function vectorsOf(file: string): readonly VectorCase[] {
  return (jsonLines(file) as RawVector[]).map((raw) => ({
    name: raw.name,
    dialect: raw.dialect,
    direction: directionOf(raw.direction),
    bytes: Buffer.from(raw.bytes_hex_or_text, raw.encoding === 'hex' ? 'hex' : 'utf8'),
    setup: (raw.setup ?? []).map(step),
    config: raw.config ?? {},
    cuts: raw.cuts ?? [],
    expect: raw.expect,
  }));
}

export function loadSessions(): readonly SessionCase[] {
  return sessionsIn('sessions');
}

/** Sessions of this project's own. */
export function loadMoreSessions(): readonly SessionCase[] {
  return sessionsIn(join('more', 'sessions'));
}

function sessionsIn(directory: string): readonly SessionCase[] {
  return readdirSync(join(DATA, directory))
    .sort()
    .map((file) => {
      const [first, ...rest] = jsonLines(join(directory, file)) as RawSessionLine[];
      const last = rest.pop();
      if (first?.meta === undefined || last?.expect === undefined) throw new Error(`${file}: no session`);
      return { ...first.meta, config: first.config ?? {}, steps: rest.map(step), expect: last.expect };
    });
}

export function loadReasons(): readonly ReasonCase[] {
  return reasonsOf('reasons.tsv');
}

/** Refusals in further words. */
export function loadMoreReasons(): readonly ReasonCase[] {
  return reasonsOf(join('more', 'reasons.tsv'));
}

function reasonsOf(file: string): readonly ReasonCase[] {
  return read(file)
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const [source = '', dialect = '', code = '', text = '', reason = ''] = line.split('\t');
      return { source, dialect, code: code === '' ? null : Number(code), text, reason };
    });
}

/** Algorithms that share their unit of difficulty; `of` tells whose pools, where they disagree. */
export interface AlgorithmFamily {
  readonly log2: number;
  /** In lower case; one that ends with `*` stands for all that begin so. */
  readonly names: readonly string[];
  readonly of: 'zone117x' | 'most';
}

export function loadAlgorithms(): readonly AlgorithmFamily[] {
  return read('algos.tsv')
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const [log2 = '', described = '', source = ''] = line.split('\t');
      // What is in brackets or behind "at" is a remark.
      const words = described
        .toLowerCase()
        .replace(/\(.*?\)/g, ' ')
        .replace(/ at .*/, '')
        .split(/[\s,]+/);
      const names = words.filter((word) => /^[a-z0-9*-]*$/.test(word) && word !== '' && !REMARKS.has(word));
      return { log2: Number(log2), names, of: source.startsWith('zone117x') ? 'zone117x' : 'most' };
    });
}

const REMARKS = new Set(['sha256d-based', 'coins', 'family', 'after', 'unpacking']);

function step(raw: RawStep): SessionStep {
  const bytes = Buffer.from(raw.text + (raw.eol ?? '\n'), 'utf8');
  return { atMs: raw.t ?? 0, direction: directionOf(raw.dir), bytes };
}

function directionOf(word: string): Direction {
  return word === 'up' ? 'to_upstream' : 'to_downstream';
}

function jsonLines(file: string): unknown[] {
  return read(file)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

function read(file: string): string {
  return readFileSync(join(DATA, file), 'utf8');
}
