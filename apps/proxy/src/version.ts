import manifest from '../../../package.json';

/** The version of the program, as the workspace's manifest has it. */
export const VERSION: string = manifest.version;
