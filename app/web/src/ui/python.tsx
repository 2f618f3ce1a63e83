import { chipOf, stopArgs, type PythonChip } from '../python';
import { command } from '../requests';
import * as state from '../state';

/** How Python in the server does, and the way to stop what it runs. */
export function Python() {
  const chip = chipOf(state.python.value, state.jobs.value, state.mayRunScripts.value);
  if (!chip) return null;
  return (
    <div class="python" data-testid="python">
      <span class="connection" role="status" title={chip.title}>
        <span class={`dot ${chip.tone}`} aria-hidden="true" />
        <span class="python-text">{chip.text}</span>
      </span>
      {chip.job !== null && state.connected.value && <Stop chip={chip} />}
    </div>
  );
}

function Stop({ chip }: { chip: PythonChip }) {
  return (
    <button
      type="button"
      class={chip.force ? 'button danger' : 'button'}
      title={chip.force ? 'It was asked to stop: do not wait for it' : 'Ask the script to stop'}
      data-testid="python-stop"
      onClick={() => void command('script.cancel', stopArgs(chip))}
    >
      {chip.force ? 'Force' : 'Stop'}
    </button>
  );
}
