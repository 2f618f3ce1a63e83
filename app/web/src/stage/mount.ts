// The life of the canvas: its size, its WebGL context, and the effects that keep it as it should be.

import { effect } from '@preact/signals';
import { followLook, followSize, followWorld } from './follow';
import { canvasSize } from './looking';
import { followCursor } from './probe';
import { drawOn, invalidate, restore } from './screen';

/** Returns what ends it. */
export function mount(element: HTMLCanvasElement): () => void {
  drawOn(element);
  const resize = () => {
    const { clientWidth, clientHeight } = element;
    element.width = Math.round(clientWidth * devicePixelRatio);
    element.height = Math.round(clientHeight * devicePixelRatio);
    canvasSize.value = [clientWidth, clientHeight];
    invalidate();
  };
  const observer = new ResizeObserver(resize);
  observer.observe(element);
  const lost = (event: Event) => event.preventDefault(); // else it is never restored
  element.addEventListener('webglcontextlost', lost);
  element.addEventListener('webglcontextrestored', restore);
  const ends = [effect(followWorld), effect(followSize), effect(followLook), effect(followCursor)];
  resize();
  return () => {
    observer.disconnect();
    element.removeEventListener('webglcontextlost', lost);
    element.removeEventListener('webglcontextrestored', restore);
    ends.forEach((end) => end());
  };
}
