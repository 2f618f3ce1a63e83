import { useState } from 'preact/hooks';
import * as actions from '../actions';
import { count, short } from '../format';
import { placeOfSpeed, setPace, speedAt } from '../pace';
import * as state from '../state';
import { IconButton } from './controls';
import { Slider } from './slider';

export function Transport() {
  const world = state.world.value;
  const may = state.mayOperate.value && world !== null && state.connected.value;
  const playing = world?.state === 'playing';
  return (
    <div class="transport" role="group" aria-label="Time">
      <button
        type="button"
        class="button primary"
        data-testid="play-button"
        disabled={!may}
        title={`${playing ? 'Pause' : 'Play'} (Space)`}
        onClick={() => void actions.toggle()}
      >
        <PlayIcon playing={playing} />
        {playing ? 'Pause' : 'Play'}
      </button>
      <IconButton
        icon="step"
        label="Step once"
        keys="N"
        disabled={!may}
        onClick={() => actions.step()}
        testid="step-button"
      />
      <StepMany disabled={!may} />
      <IconButton
        icon="reset"
        label="Reset to how it was made"
        keys="R"
        disabled={!may}
        onClick={actions.reset}
        testid="reset-button"
      />
      <IconButton
        icon="dice"
        label="Start again from a new seed"
        keys="S"
        disabled={!may}
        onClick={actions.newSeed}
        testid="new-seed"
      />
      <StepCounter />
      <Speed disabled={!may} />
    </div>
  );
}

function StepMany({ disabled }: { disabled: boolean }) {
  const [steps, setSteps] = useState('10');
  const n = Math.max(1, Math.floor(Number(steps)) || 1);
  const go = (event: Event) => {
    event.preventDefault();
    void actions.step(n);
  };
  return (
    <form class="step-many" onSubmit={go}>
      <input
        aria-label="How many steps"
        inputMode="numeric"
        value={steps}
        disabled={disabled}
        onInput={(event) => setSteps(event.currentTarget.value)}
      />
      <button
        type="submit"
        class="button"
        disabled={disabled}
        title={`Step ${n} times, then pause`}
      >
        steps
      </button>
    </form>
  );
}

function PlayIcon({ playing }: { playing: boolean }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        class={playing ? 'bars' : 'solid'}
        d={playing ? 'M5.5 3.500v9M10.5 3.500v9' : 'M4.5 2.800v10.400l8.6-5.200z'}
      />
    </svg>
  );
}

/** The step of the frame on the screen, so that it never runs ahead of the picture. */
function StepCounter() {
  const shown = state.shown.value;
  const tick = state.ticks.value[state.world.value?.name ?? ''];
  const step = shown?.step ?? tick?.step ?? 0;
  const time = shown?.time ?? tick?.time ?? 0;
  return (
    <div class="counter">
      <span
        class="step"
        data-testid="step-counter"
        data-step={step}
        title="Step of the frame on the screen"
      >
        {count(step)}
      </span>
      <span class="time">t = {short(time, 6)}</span>
    </div>
  );
}

function Speed({ disabled }: { disabled: boolean }) {
  const pace = state.world.value?.pace;
  if (!pace) return null;
  const limit = pace.stepsPerSecond;
  return (
    <div class="speed">
      <Slider
        label="Speed"
        lo={0}
        hi={1}
        step={0.005}
        value={placeOfSpeed(limit)}
        text={limit > 0 ? `${count(limit)} steps/s` : 'full speed'}
        about="Steps a second at most; all the way right: as fast as it goes"
        disabled={disabled}
        testid="speed"
        onChange={(place) => void setPace({ stepsPerSecond: speedAt(place) })}
      />
      <Every disabled={disabled} every={pace.every} />
    </div>
  );
}

function Every({ every, disabled }: { every: number; disabled: boolean }) {
  return (
    <label class="every" title="A frame can be taken each so many steps">
      <span>every</span>
      <input
        inputMode="numeric"
        aria-label="Frame every so many steps"
        value={every}
        disabled={disabled}
        data-testid="every"
        onChange={(event) => {
          const next = Math.floor(Number(event.currentTarget.value));
          if (next >= 1) void setPace({ mode: 'every', every: Math.min(1e6, next) });
          event.currentTarget.value = String(every);
        }}
      />
    </label>
  );
}
