import { useEffect, useRef } from 'preact/hooks';
import { useSignalEffect } from '@preact/signals';
import { reset, undo } from '../actions';
import { count, short } from '../format';
import { attach, spaceHeld } from '../input';
import { pixelOf } from '../render/viewport';
import * as stage from '../stage';
import * as state from '../state';
import { ColourBar } from './colourbar';
import { Select } from './controls';
import { Icon } from './icons';
import { StatusLine } from './status';

export function Stage() {
  return (
    <main class="stage">
      <div class="canvas-room">
        <FieldCanvas />
        <BrushRing />
        <div class="overlay top-left">
          <ViewPicker />
        </div>
        <ColourBar />
        <Banners />
      </div>
      <StatusLine />
    </main>
  );
}

function FieldCanvas() {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const ends = [stage.mount(ref.current!), attach(ref.current!)];
    return () => ends.forEach((end) => end());
  }, []);
  useSummary(ref);
  const pan = state.tool.value === 'pan' || spaceHeld.value;
  return (
    <canvas
      ref={ref}
      class={pan ? 'field-canvas pan' : 'field-canvas'}
      data-testid="field-canvas"
      role="img"
      tabIndex={0}
      aria-label="The field"
    />
  );
}

const SUMMARY_MS = 1500;

/** What the picture shows, in words, at human pace. */
function useSummary(ref: { current: HTMLCanvasElement | null }) {
  useEffect(() => {
    const timer = setInterval(() => {
      const world = state.world.peek();
      const shown = state.shown.peek();
      const view = state.view.peek();
      if (!ref.current || !world || !shown || !view) return;
      const range =
        shown.channels < 3 ? `, values ${short(shown.lo)} to ${short(shown.hi)} ${view.unit}` : '';
      const text = `${world.name}, ${world.title}: ${view.title || view.name}, ${world.size[0]} by ${world.size[1]} cells, ${world.state} at step ${shown.step}${range}`;
      if (ref.current.getAttribute('aria-label') !== text)
        ref.current.setAttribute('aria-label', text);
    }, SUMMARY_MS);
    return () => clearInterval(timer);
  }, []);
}

/** A ring of the brush's size; a box around the keyboard's cell. Moved without rendering. */
function BrushRing() {
  const ref = useRef<HTMLDivElement>(null);
  useSignalEffect(() => {
    const element = ref.current;
    const at = state.cursor.value;
    const view = state.viewport.value;
    const tool = state.tool.value;
    const { radius } = state.brush.value;
    if (!element) return;
    const painting =
      tool !== 'pan' && tool !== 'stamp' && state.mayOperate.value && !spaceHeld.value;
    element.hidden = !at || !view || (!painting && !at.keyboard && tool !== 'stamp');
    if (!at || !view) return;
    const [x, y] = pixelOf(view, stage.canvasSize.value, at.x + 0.5, at.y + 0.5);
    const size = Math.max(painting ? 2 * radius * view.zoom : view.zoom, 6);
    element.className =
      at.keyboard && !painting ? 'ring box' : tool === 'stamp' ? 'ring cross' : 'ring';
    element.style.width = element.style.height = `${size}px`;
    element.style.transform = `translate(${x - size / 2}px, ${y - size / 2}px)`;
  });
  return <div ref={ref} class="ring" hidden aria-hidden="true" />;
}

function ViewPicker() {
  const world = state.world.value;
  if (!world) return null;
  const { z, depth } = state.layer.value;
  const layers = world.size[2];
  const middle = Math.floor(layers / 2);
  return (
    <div class="chip">
      <Select
        label="View"
        hideLabel
        value={state.view.value?.name ?? ''}
        options={world.views.map((view) => ({ value: view.name, text: view.title || view.name }))}
        onChange={state.chooseView}
        testid="view-select"
      />
      {layers > 1 && (
        <>
          <Select
            label="Depth"
            hideLabel
            value={depth}
            options={[
              { value: 'slice', text: 'slice' },
              { value: 'max', text: 'maximum' },
            ]}
            onChange={(next) => (state.layer.value = { z, depth: next as 'slice' | 'max' })}
            testid="depth-select"
          />
          {depth === 'slice' && (
            <label class="layer">
              <span>z {z < 0 ? middle : z}</span>
              <input
                type="range"
                aria-label="Layer"
                min={0}
                max={layers - 1}
                value={z < 0 ? middle : z}
                data-testid="layer"
                onInput={(event) =>
                  (state.layer.value = { z: Number(event.currentTarget.value), depth })
                }
              />
            </label>
          )}
        </>
      )}
    </div>
  );
}

function Banners() {
  const world = state.world.value;
  const phase = state.phase.value;
  return (
    <div class="banners">
      {stage.noWebgl.value && (
        <Banner title={stage.noWebgl.value}>
          The field cannot be drawn. Turn on hardware acceleration, or use a newer browser;
          everything else works.
        </Banner>
      )}
      {world?.failure && (
        <Banner title={`${world.name} stopped at step ${count(world.step)}`} testid="failure">
          <p class="reason">{world.failure}</p>
          <p>
            It stands at its last good step. Change a parameter or undo the last edit and play on,
            or start anew.
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
      )}
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

function Banner({
  title,
  children,
  testid,
  quiet,
}: {
  title: string;
  children: preact.ComponentChildren;
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
