import { useEffect, useRef } from 'preact/hooks';
import { short } from '../format';
import { attach, spaceHeld } from '../input';
import { mount } from '../stage/mount';
import * as state from '../state';
import { Banners } from './banners';
import { ColourBar } from './colourbar';
import { BrushRing } from './ring';
import { StatusLine } from './status';
import { ViewPicker } from './views';

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
    const ends = [mount(ref.current!), attach(ref.current!)];
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
