/** A figure that a run has measured, for whoever reads the log of the test. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
