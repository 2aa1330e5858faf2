import type { ConfigFault } from './config-error';
import { isJsonObject } from './config-file';
import { readSection } from './read-section';
import { AccessSettings, BanSettings } from './sections/access.settings';

/** Section `access` with the section inside of it. Faults are added to `faults`. */
export function readAccess(content: unknown, env: NodeJS.ProcessEnv, faults: ConfigFault[]): AccessSettings {
  const access = readSection(AccessSettings, { path: 'access', content, env, subsections: ['ban'] }, faults);
  const ban = (isJsonObject(content) ? content.ban : undefined) ?? null;
  if (ban === null) return access;
  return Object.assign(access, {
    ban: readSection(BanSettings, { path: 'access.ban', content: ban, env }, faults),
  });
}
