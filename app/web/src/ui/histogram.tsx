import { useEffect, useRef } from 'preact/hooks';
import { count, short } from '../format';
import type { Histogram } from '../objects';
import { lut, place } from '../render/colormap';
import { ask } from '../requests';
import * as state from '../state';
import { Section } from './controls';

const EVERY_MS = 1000;
const BINS = 96;
const HEIGHT = 72;

export function HistogramSection() {
  return (
    <Section name="histogram" title="Histogram" open={false}>
      <Body />
    </Section>
  );
}

function Body() {
  const ref = useRef<HTMLCanvasElement>(null);
  const view = state.view.value;
  const world = state.world.value;
  const rgb = (view?.channels ?? 1) >= 3;
  useEffect(() => {
    if (rgb || !view || !world || world.stream) return;
    let wanted = true;
    const read = () => {
      if (document.hidden || !state.connected.peek()) return;
      void ask('field.histogram', { world: world.name, view: view.name, bins: BINS }).then(
        (found) => {
          if (wanted) state.histogram.value = found ? (found as unknown as Histogram) : null;
        },
      );
    };
    state.histogram.value = null;
    read();
    const timer = setInterval(read, EVERY_MS);
    return () => {
      wanted = false; // an answer on its way is of another world or view
      clearInterval(timer);
    };
  }, [world?.name, view?.name, rgb]);
  const found = state.histogram.value;
  const colours = state.colours.value;
  const [lo, hi] = [state.lowest.value, state.highest.value];
  useEffect(() => {
    if (ref.current && found) draw(ref.current, found, colours, lo, hi);
  }, [found, colours, lo, hi]);
  if (rgb) return <p class="about">Choose a view of one channel to count its values.</p>;
  return (
    <div class="histogram">
      <canvas ref={ref} role="img" aria-label="How often each value occurs" />
      <div class="labels">
        <span>{short(found?.range[0], 3)}</span>
        {found && found.nan > 0 ? (
          <span class="nan">{count(found.nan)} not finite</span>
        ) : (
          <span>square-root scale</span>
        )}
        <span>{short(found?.range[1], 3)}</span>
      </div>
    </div>
  );
}

/** Each bar in the colour its values have in the picture; heights by square root, so that rare values show. */
function draw(
  canvas: HTMLCanvasElement,
  found: Histogram,
  colours: state.Colours,
  from: number,
  to: number,
): void {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  const context = canvas.getContext('2d')!;
  const table = lut(colours.colormap, colours.inverted);
  const [lo, hi] = found.range;
  const most = Math.sqrt(Math.max(1, ...found.counts));
  const width = canvas.width / found.counts.length;
  const gray = getComputedStyle(canvas).getPropertyValue('--line');
  found.counts.forEach((n, i) => {
    const value = lo + ((i + 0.5) / found.counts.length) * (hi - lo);
    const at = 4 * Math.round(255 * place(value, from, to, colours.log));
    const height = (Math.sqrt(n) / most) * (canvas.height - ratio);
    context.fillStyle = gray;
    context.fillRect(i * width, canvas.height - ratio, width, ratio);
    context.fillStyle = `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`;
    if (n > 0)
      context.fillRect(
        i * width,
        canvas.height - Math.max(height, ratio),
        Math.max(width - 0.5, 1),
        Math.max(height, ratio),
      );
  });
}
