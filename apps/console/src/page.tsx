import { useEffect, useState } from 'preact/hooks';
import { ask, Problem } from './api/ask';
import { listen, lostSince, snapshot, stopListening } from './api/live';
import type { Me } from './api/types';
import { duration } from './format/times';
import { Fault } from './parts/parts';
import { hrefOf, route } from './route';
import { Billing } from './views/billing';
import { Blocks } from './views/blocks';
import { Client } from './views/client';
import { Clients } from './views/clients';
import { Overview } from './views/overview';
import { Pools } from './views/pools';
import { Sessions } from './views/sessions';
import { SignInForm } from './views/sign-in-form';
import { Workers } from './views/workers';

const VIEWS = {
  overview: 'Overview',
  clients: 'Clients',
  workers: 'Workers',
  sessions: 'Sessions',
  pools: 'Pools',
  blocks: 'Blocks',
  billing: 'Billing',
};
const OF_CLIENTS = {
  overview: 'Overview',
  workers: 'Workers',
  history: 'Plots',
  blocks: 'Blocks',
  billing: 'Statements',
};

/** The whole page: who is there, what can be looked at, and one view of it. */
export function Page() {
  const [me, setMe] = useState<Me | 'nobody'>();
  const [fault, setFault] = useState<string>();
  const look = (): void => {
    ask<Me>('/me').then(
      (found) => {
        setMe(found);
        setFault(undefined);
        listen();
      },
      (error: unknown) => {
        if (error instanceof Problem && error.status === 401) setMe('nobody');
        else setFault(error instanceof Error ? error.message : String(error));
      },
    );
  };
  useEffect(look, []);
  if (me === 'nobody') return <SignInForm entered={look} />;
  if (me === undefined) return <Fault text={fault} />;
  const views: Readonly<Record<string, string>> = me.role === 'admin' ? VIEWS : OF_CLIENTS;
  const { view } = route.value;
  const leave = (): void => {
    ask('/sign-out', 'POST').then(
      () => {
        stopListening();
        setMe('nobody');
      },
      (error: unknown) => setFault(String(error)),
    );
  };
  return (
    <>
      <header class="no-print">
        <h1>Mining proxy</h1>
        <nav aria-label="Views">
          {Object.entries(views).map(([name, title]) => (
            <a key={name} href={hrefOf(name)} aria-current={name === view ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <Live />
        {me.signed_in && (
          <button type="button" onClick={leave}>
            Sign out
          </button>
        )}
      </header>
      <main>
        <Fault text={fault} />
        <View me={me} />
      </main>
    </>
  );
}

function View({ me }: { me: Me }) {
  const { view, of } = route.value;
  if (me.client_id !== null) {
    if (view === 'workers') return <Workers clientId={me.client_id} />;
    if (view === 'history') return <Client clientId={me.client_id} canLeave={false} />;
    if (view === 'blocks') return <Blocks isAdmin={false} />;
    if (view === 'billing') return <Billing ownId={me.client_id} />;
    return <Overview />;
  }
  switch (view) {
    case 'clients':
      return <Clients />;
    case 'client':
      return <Client key={of} clientId={of ?? ''} canLeave />;
    case 'workers':
      return <Workers key={of} clientId={of} />;
    case 'sessions':
      return <Sessions />;
    case 'pools':
      return <Pools />;
    case 'blocks':
      return <Blocks isAdmin />;
    case 'billing':
      return <Billing ownId={null} />;
    default:
      return <Overview />;
  }
}

/** Whether the numbers are of now, and since when they are not. */
function Live() {
  const lost = lostSince.value;
  if (lost !== undefined) {
    return (
      <p class="live" role="status">
        <span class="state state-down">lost</span> no numbers for {duration((Date.now() - lost) / 1000)}
      </p>
    );
  }
  return (
    <p class="live">
      <span class="state state-up">live</span> {snapshot.value?.at.slice(11, 19) ?? ''}
    </p>
  );
}
