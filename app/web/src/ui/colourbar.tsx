import { useLayoutEffect, useRef } from 'preact/hooks';
import { short } from '../format';
import { lut } from '../render/colormap';
import * as state from '../state';

/** What the colours mean: the bar beside the field. */
export function ColourBar() {
  const view = state.view.value;
  const channels = state.shownChannels.value;
  if (!view || channels === 0 || channels >= 3) return null;
  const [lo, hi] = [state.lowest.value, state.highest.value];
  const middle = middleOf(lo, hi, state.colours.value.log);
  return (
    <div class="colour-bar chip" data-testid="colour-bar" aria-hidden="true">
      <Bar />
      <div class="labels">
        <span>{short(hi, 3)}</span>
        <span>{short(middle, 3)}</span>
        <span>{short(lo, 3)}</span>
      </div>
      {view.unit && <span class="unit">{view.unit}</span>}
    </div>
  );
}

function middleOf(lo: number, hi: number, log: boolean): number {
  if (log && hi > 0) return Math.sqrt(Math.max(lo, hi * 1e-4) * hi);
  const middle = (lo + hi) / 2;
  return Math.abs(middle) < 1e-6 * (hi - lo) ? 0 : middle;
}

function Bar() {
  const ref = useRef<HTMLCanvasElement>(null);
  const { colormap, inverted } = state.colours.value;
  useLayoutEffect(() => drawBar(ref.current!, lut(colormap, inverted)), [colormap, inverted]);
  return <canvas ref={ref} width={1} height={256} />;
}

function drawBar(canvas: HTMLCanvasElement, colours: Uint8Array): void {
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(1, 256);
  for (let y = 0; y < 256; ++y)
    image.data.set(colours.subarray((255 - y) * 4, (256 - y) * 4), y * 4);
  context.putImageData(image, 0, 0);
}
