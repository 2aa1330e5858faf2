import { validateSync, type ValidationError } from 'class-validator';
import type { ConfigFault } from './config-error';
import type { GivenValue } from './read-section';
import type { EachContext } from './rules/rule';
import { settingsOf, type SectionClass, type SettingKey } from './setting';
import { shownValue } from './shown-value';

/** What class-validator finds wrong with a section, named as the operator knows it. */
export function validateSection(
  section: object,
  path: string,
  given: ReadonlyMap<string, GivenValue>,
): ConfigFault[] {
  const settings = settingsOf(section.constructor as SectionClass);
  // The errors hold neither the section nor the values: both may have secrets.
  const errors = validateSync(section, {
    stopAtFirstError: true,
    validationError: { target: false, value: false },
  });
  return settings.flatMap((setting) => {
    const error = errors.find(({ property }) => property === setting.property);
    if (error === undefined) return [];
    const { value, path: origin } = given.get(setting.property) ?? {
      value: Reflect.get(section, setting.property) as unknown,
      path: `${path}.${setting.key}`,
    };
    return entryFaults(error, value, origin) ?? [valueFault(error, setting, value, origin)];
  });
}

function valueFault(
  { constraints = {} }: ValidationError,
  { secret }: SettingKey,
  value: unknown,
  path: string,
): ConfigFault {
  const [expected = 'is not valid'] = Object.values(constraints);
  return secret === true || value === undefined
    ? { path, expected }
    : { path, expected, got: shownValue(value) };
}

/** A list is not wrong as a whole when some of its entries are. */
function entryFaults(
  { contexts = {} }: ValidationError,
  value: unknown,
  path: string,
): ConfigFault[] | undefined {
  const [context] = Object.values(contexts) as EachContext[];
  if (context === undefined || !Array.isArray(value)) return undefined;
  const faults = value.flatMap((entry: unknown, index) => {
    const expected = context.each(entry, {});
    return expected === undefined ? [] : [{ path: `${path}[${index}]`, expected, got: shownValue(entry) }];
  });
  return faults.length > 0 ? faults : undefined;
}
