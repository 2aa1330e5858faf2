import { useState } from 'preact/hooks';
import { signIn } from '../api/ask';
import { Fault } from '../parts/parts';

/** Asks for the token once. */
export function SignInForm({ entered }: { entered: () => void }) {
  const [token, setToken] = useState('');
  const [fault, setFault] = useState<string>();
  return (
    <main class="sign-in">
      <h1>Mining proxy</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn(token.trim()).then(entered, (error: unknown) =>
            setFault(error instanceof Error ? error.message : String(error)),
          );
        }}
      >
        <label>
          Token
          <input
            type="password"
            autocomplete="current-password"
            value={token}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
        </label>
        <p class="detail">The operator&apos;s admin_token, or a client&apos;s view_token.</p>
        <Fault text={fault} />
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
    </main>
  );
}
