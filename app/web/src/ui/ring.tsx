import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { spaceHeld } from '../input';
import { pixelOf } from '../render/viewport';
import { canvasSize } from '../stage/looking';
import * as state from '../state';

/** A ring of the brush's size; a box around the keyboard's cell. Moved without rendering. */
export function BrushRing() {
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
    const [x, y] = pixelOf(view, canvasSize.value, at.x + 0.5, at.y + 0.5);
    const size = Math.max(painting ? 2 * radius * view.zoom : view.zoom, 6);
    element.className =
      at.keyboard && !painting ? 'ring box' : tool === 'stamp' ? 'ring cross' : 'ring';
    element.style.width = element.style.height = `${size}px`;
    element.style.transform = `translate(${x - size / 2}px, ${y - size / 2}px)`;
  });
  return <div ref={ref} class="ring" hidden aria-hidden="true" />;
}
