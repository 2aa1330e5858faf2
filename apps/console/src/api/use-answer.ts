import { useEffect, useState } from 'preact/hooks';
import { ask } from './ask';

export interface Answered<T> {
  readonly answer: T | undefined;
  readonly fault: string | undefined;
  /** Asks again, as after a change. */
  readonly again: () => void;
}

/** Asks when the path changes, and again every so often; what was answered last stays until the next answer is there. */
export function useAnswer<T>(path: string | undefined, everyMs = 0): Answered<T> {
  const [answer, setAnswer] = useState<T>();
  const [fault, setFault] = useState<string>();
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    if (path === undefined) return undefined;
    let isOver = false;
    const look = (): void => {
      ask<T>(path).then(
        (found) => {
          if (isOver) return;
          setAnswer(found);
          setFault(undefined);
        },
        (error: unknown) => {
          if (!isOver) setFault(error instanceof Error ? error.message : String(error));
        },
      );
    };
    look();
    const timer = everyMs > 0 ? setInterval(look, everyMs) : undefined;
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [path, everyMs, asked]);
  return { answer, fault, again: () => setAsked((count) => count + 1) };
}
