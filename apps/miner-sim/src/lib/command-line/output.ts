/** One JSON object per line on stdout: what programs read. */
export function print(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** A line on stderr: what people read. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Numbers that a line of progress is made of. */
export interface Progress {
  readonly submits: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly unanswered: number;
}

export function progressLine(who: string, connections: number, shares: Progress): string {
  const { submits, accepted, rejected, unanswered } = shares;
  return `${who}: ${connections} connections, ${submits} submits, ${accepted} accepted, ${rejected} rejected, ${unanswered} open`;
}
