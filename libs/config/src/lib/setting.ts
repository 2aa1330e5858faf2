import type { EnvironmentName } from './environment';

/** What a key of the configuration says about itself, beside its rule and its default. */
export interface SettingOptions {
  /** One line for the table of keys. */
  readonly describe: string;
  /** The environment variable that wins over the file. */
  readonly env?: EnvironmentName;
  /** Its value never appears in a fault, and it may be given as a file: `<key>_file`. */
  readonly secret?: true;
  /** A reload cannot change it. */
  readonly restart?: true;
  /** What the table shows for a default that differs between machines. */
  readonly shownDefault?: string;
  /** A larger key whose value also bounds this one's default. */
  readonly defaultAtMost?: string;
  /** Brings the accepted ways to write a value to one form. */
  readonly normalize?: (value: unknown) => unknown;
}

export interface SettingKey extends SettingOptions {
  /** Name in the program: `bindPort`. */
  readonly property: string;
  /** Name in the file: `bind_port`. */
  readonly key: string;
}

export type SectionClass<T extends object = object> = new () => T;

const settingsBySection = new Map<unknown, SettingKey[]>();

/** Declares a property of a section class to be a key of the configuration. */
export function Setting(options: SettingOptions): PropertyDecorator {
  return (prototype, property) => {
    const settings = settingsBySection.get(prototype.constructor) ?? [];
    const name = String(property);
    settingsBySection.set(prototype.constructor, [
      ...settings,
      { ...options, property: name, key: keyOf(name) },
    ]);
  };
}

/** The keys of a section, in the order they are declared, those of the class it extends last. */
export function settingsOf(section: SectionClass): readonly SettingKey[] {
  const parent: unknown = Object.getPrototypeOf(section);
  const inherited = settingsBySection.get(parent) ?? [];
  return [...(settingsBySection.get(section) ?? []), ...inherited];
}

/** How the file spells a property: snake_case exists only there. */
export function keyOf(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The key that names the file of a secret. */
export function fileKeyOf(key: string): string {
  return `${key}_file`;
}
