import type { ComponentChildren } from 'preact';
import { reset, undo } from '../actions';
import { count } from '../format';
import type { World } from '../objects';
import { noWebgl } from '../stage/screen';
import * as state from '../state';
import { Icon } from './icons';

/** What is wrong, over the field. */
export function Banners() {
  const world = state.world.value;
  const phase = state.phase.value;
  return (
    <div class="banners">
      {noWebgl.value && (
        <Banner title={noWebgl.value}>
          The field cannot be drawn. Turn on hardware acceleration, or use a newer browser;
          everything else works.
        </Banner>
      )}
      {world?.failure && <Failure world={world} />}
      {phase.name === 'waiting' && state.hello.value && (
        <Banner title="Not connected" quiet>
          <p>Trying again: {phase.reason}. What is shown is the last frame received.</p>
        </Banner>
      )}
      {phase.name === 'refused' && (
        <Banner title="The server refuses this page">
          <p>
            {phase.reason} Open the link the server printed, or add this address to its
            configuration.
          </p>
        </Banner>
      )}
    </div>
  );
}

function Failure({ world }: { world: World }) {
  return (
    <Banner title={`${world.name} stopped at step ${count(world.step)}`} testid="failure">
      <p class="reason">{world.failure}</p>
      <p>
        It stands at its last good step. Change a parameter or undo the last edit and play on, or
        start anew.
      </p>
      {state.mayOperate.value && (
        <div class="row">
          <button type="button" class="button" onClick={() => void reset()}>
            Reset
          </button>
          <button
            type="button"
            class="button"
            disabled={world.undo === 0}
            onClick={() => void undo()}
          >
            Undo the last edit
          </button>
        </div>
      )}
    </Banner>
  );
}

function Banner({
  title,
  children,
  testid,
  quiet,
}: {
  title: string;
  children: ComponentChildren;
  testid?: string;
  quiet?: boolean;
}) {
  return (
    <div class={quiet ? 'banner quiet' : 'banner'} role="alert" data-testid={testid}>
      <Icon name="warn" />
      <div>
        <strong>{title}</strong>
        {children}
      </div>
    </div>
  );
}
