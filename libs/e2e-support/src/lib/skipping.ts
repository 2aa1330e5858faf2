import { say } from './say';

/** `describe`, or `describe.skip` with the reason in its name and in the log where there is one. */
export function describeUnless(missing: string | undefined, name: string, tests: () => void): void {
  if (missing === undefined) {
    describe(name, tests);
    return;
  }
  say(`SKIPPED: ${name}: ${missing}`);
  describe.skip(`${name} (skipped: ${missing})`, tests);
}
