import { signal } from '@preact/signals';

/** What is shown: a view, and what of it. */
export interface Route {
  readonly view: string;
  readonly of: string | undefined;
}

/** The route of the address bar. */
export const route = signal<Route>(routeOf(location.hash));

window.addEventListener('hashchange', () => (route.value = routeOf(location.hash)));

/** The address of a view. */
export function hrefOf(view: string, of?: string): string {
  return of === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(of)}`;
}

function routeOf(hash: string): Route {
  const [view = '', of] = hash.replace(/^#\/?/, '').split('/');
  return { view: view === '' ? 'overview' : view, of: of === undefined ? undefined : decodeURIComponent(of) };
}
