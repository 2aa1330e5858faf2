import type { ConfigFault } from './config-error';
import { isJsonObject, type JsonObject } from './config-file';
import { environmentValue, fileVariableOf } from './environment';
import { unknownKeys } from './unknown-keys';
import { readable } from './rules/files';
import { isPositive } from './rules/numbers';
import { fileKeyOf, settingsOf, type SectionClass, type SettingKey } from './setting';
import { shownValue } from './shown-value';
import { validateSection } from './validate-section';

/** Where a section comes from. */
export interface SectionSource {
  /** Path of the section in the file: `proxy`, `clients[0]`. */
  readonly path: string;
  /** What the file has there; `undefined` when it has nothing. */
  readonly content: unknown;
  readonly env: NodeJS.ProcessEnv;
  /** Keys of the section that are sections of their own, read by whoever reads this one. */
  readonly subsections?: readonly string[];
}

/** A key that the file or the environment sets. */
export interface GivenValue {
  readonly value: unknown;
  /** How a fault names the place it came from. */
  readonly path: string;
}

/**
 * Builds one section: the class's defaults, over them the file's keys, over them the environment.
 * What is wrong with it is added to `faults`, and the section is then not fit for use.
 */
export function readSection<T extends object>(
  Section: SectionClass<T>,
  { path, content = {}, env, subsections = [] }: SectionSource,
  faults: ConfigFault[],
): T {
  const section = new Section();
  if (!isJsonObject(content)) {
    faults.push({ path, expected: 'must be an object, as {"key": "value"}', got: shownValue(content) });
    return section;
  }
  const settings = settingsOf(Section);
  const given = new Map<string, GivenValue>();
  for (const setting of settings) {
    const found =
      oneOf(fromEnvironment(setting, env), secretOfEnvironment(setting, env), faults) ??
      oneOf(fromFile(setting, content, path), secretOfFile(setting, content, path), faults);
    if (found !== undefined) given.set(setting.property, found);
  }
  Object.assign(section, Object.fromEntries([...given].map(([property, { value }]) => [property, value])));
  Object.assign(section, boundedDefaults(settings, given, section));
  faults.push(
    ...unknownKeys(path, content, [...settings.flatMap(keysOf), ...subsections]),
    ...validateSection(section, path, given),
  );
  return section;
}

function fromEnvironment({ env: name }: SettingKey, env: NodeJS.ProcessEnv): GivenValue | undefined {
  if (name === undefined) return undefined;
  const value = environmentValue(name, env);
  return value === undefined ? undefined : { value, path: name };
}

function fromFile({ key, normalize }: SettingKey, content: JsonObject, path: string): GivenValue | undefined {
  if (!Object.hasOwn(content, key)) return undefined;
  const value = content[key];
  return { value: normalize === undefined ? value : normalize(value), path: `${path}.${key}` };
}

/** The keys under which a setting may stand in the file. */
function keysOf({ key, secret }: SettingKey): string[] {
  return secret === true ? [key, fileKeyOf(key)] : [key];
}

/** A secret in a file, as Docker and Kubernetes hand them out. */
interface SecretFile {
  readonly file: unknown;
  readonly path: string;
}

function secretOfEnvironment(
  { env: name, secret }: SettingKey,
  env: NodeJS.ProcessEnv,
): SecretFile | undefined {
  if (name === undefined || secret !== true) return undefined;
  const variable = fileVariableOf(name);
  const file = env[variable] ?? '';
  return file === '' ? undefined : { file, path: variable };
}

function secretOfFile(
  { key, secret }: SettingKey,
  content: JsonObject,
  path: string,
): SecretFile | undefined {
  const file = secret === true ? (content[fileKeyOf(key)] ?? null) : null;
  return file === null ? undefined : { file, path: `${path}.${fileKeyOf(key)}` };
}

/** The value, or what the file holds; both at once are a fault. */
function oneOf(
  value: GivenValue | undefined,
  secret: SecretFile | undefined,
  faults: ConfigFault[],
): GivenValue | undefined {
  if (secret === undefined) return value;
  const { file, path } = secret;
  if (value !== undefined && value.value !== null) {
    faults.push({ path, expected: `must not be given beside ${value.path}; remove one of them` });
    return value;
  }
  if (typeof file !== 'string' || file === '') {
    faults.push({ path, expected: 'must be the path of a file, or null', got: shownValue(file) });
    return undefined;
  }
  const read = readable(path, file);
  if ('content' in read) return { value: read.content.toString('utf8').trim(), path };
  faults.push(read.fault);
  return undefined;
}

/** Defaults that give way to a smaller value of another key, so that setting that one alone is enough. */
function boundedDefaults(
  settings: readonly SettingKey[],
  given: ReadonlyMap<string, GivenValue>,
  section: object,
): Record<string, number> {
  const bounded: Record<string, number> = {};
  const values: Readonly<Record<string, unknown>> = { ...section };
  for (const { property, defaultAtMost } of settings) {
    if (defaultAtMost === undefined || given.has(property)) continue;
    const [value, bound] = [values[property], values[defaultAtMost]];
    if (typeof value === 'number' && isPositive(bound)) bounded[property] = Math.min(value, bound);
  }
  return bounded;
}
