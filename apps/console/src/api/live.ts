import { signal } from '@preact/signals';
import type { Snapshot } from './types';

/** The last snapshot; undefined before the first one. */
export const snapshot = signal<Snapshot | undefined>(undefined);

/** Since when nothing comes any more, milliseconds since 1970; undefined while it does. */
export const lostSince = signal<number | undefined>(undefined);

let source: EventSource | undefined;

/** Begins to listen, and again by itself when the connection is lost. */
export function listen(): void {
  source?.close();
  source = new EventSource('/events');
  source.addEventListener('snapshot', (event: MessageEvent<string>) => {
    snapshot.value = JSON.parse(event.data) as Snapshot;
    lostSince.value = undefined;
  });
  source.addEventListener('error', () => (lostSince.value ??= Date.now()));
}

/** Ends it, as at a sign-out. */
export function stopListening(): void {
  source?.close();
  snapshot.value = undefined;
  lostSince.value = undefined;
}
