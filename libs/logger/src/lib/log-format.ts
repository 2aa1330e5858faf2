import pretty from 'pino-pretty';
import type { DestinationStream } from 'pino';

export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

/** How lines look: `json` for programs, `pretty` for people; `auto` is for people where they look at a terminal. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The destination as the format wants it: lines go there as they are, or made readable first. */
export function formatted(
  format: LogFormat,
  output: DestinationStream,
  isTerminal: boolean,
): DestinationStream {
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  if (!isPretty) return output;
  const readable = pretty.prettyFactory({
    colorize: isTerminal,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,instance_id',
    singleLine: true,
    levelKey: 'level',
  });
  return { write: (line: string) => output.write(readable(line)) };
}
