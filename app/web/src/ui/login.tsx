import { useState } from 'preact/hooks';
import { reconnect } from '../requests';
import * as state from '../state';
import { Logo } from './icons';

const FAULTS: Record<number, string> = {
  401: 'The server does not know this token.',
  403: 'The server does not accept this address.',
  429: 'Too many wrong tokens. Wait a minute.',
};

/** Asked for a credential: the token the server printed at its start. It is sent once and kept nowhere here. */
export function Login() {
  const phase = state.phase.value;
  const [token, setToken] = useState('');
  const [fault, setFault] = useState('');
  if (phase.name !== 'login') return null;
  const send = async (event: Event) => {
    event.preventDefault();
    const answer = await fetch('/login', {
      method: 'POST',
      headers: { 'X-Atheria': '1', 'Content-Type': 'text/plain' },
      body: token.trim(),
    }).catch(() => null);
    if (answer?.ok) {
      setToken('');
      setFault('');
      reconnect();
    } else {
      setFault(
        answer
          ? (FAULTS[answer.status] ?? `The server answered ${answer.status}.`)
          : 'The server does not answer.',
      );
    }
  };
  return (
    <div class="login-room">
      <form class="login" onSubmit={(event) => void send(event)} data-testid="login">
        <h2>
          <Logo /> Atheria
        </h2>
        <p>{phase.reason} Open the one-time link the server printed, or paste its token.</p>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          autofocus
          value={token}
          data-testid="token"
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="button primary" disabled={!token.trim()}>
          Sign in
        </button>
      </form>
    </div>
  );
}
