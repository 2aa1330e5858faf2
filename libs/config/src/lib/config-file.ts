import { readFileSync } from 'node:fs';
import type { ConfigFault } from './config-error';
import { CONFIG_FILE } from './environment';
import { findJsonFault } from './json-fault';
import { shownValue } from './shown-value';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A file that could be read, or the one fault that says why not. */
export type ConfigFile = { readonly content: JsonObject } | { readonly fault: ConfigFault };

/** Reads the JSON object in the file `path`. */
export function readConfigFile(path: string): ConfigFile {
  let text: string;
  try {
    // Windows editors begin a file with a byte order mark, which JSON does not know.
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    return { fault: { path: CONFIG_FILE, expected: unreadable(error), got: shownValue(path) } };
  }
  const at = findJsonFault(text);
  if (at !== undefined) {
    return {
      fault: {
        path: `${shownPath(path)}:${at.line}:${at.column}`,
        expected: `${at.expected}; correct the file and start again`,
      },
    };
  }
  const content: unknown = JSON.parse(text);
  if (isJsonObject(content)) return { content };
  const expected =
    'must hold one JSON object, as {"proxy": {"pool_host": "pool.example.com", "pool_port": 3333}}';
  return { fault: { path: shownPath(path), expected, got: shownValue(content) } };
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shownPath(path: string): string {
  return shownValue(path).slice(1, -1);
}

function unreadable(error: unknown): string {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown error';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'this user may not read it',
    EISDIR: 'it is a directory',
  };
  return `must name a JSON file that can be read (${reasons[code] ?? code}); correct or unset it`;
}
