import * as state from '../state';
import { Select } from './controls';

/** Which view of the world, and which layer of a volume. */
export function ViewPicker() {
  const world = state.world.value;
  if (!world) return null;
  const layers = world.size[2];
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
      {layers > 1 && <DepthPicker />}
      {layers > 1 && state.layer.value.depth === 'slice' && <LayerSlider layers={layers} />}
    </div>
  );
}

function DepthPicker() {
  const { z, depth } = state.layer.value;
  return (
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
  );
}

function LayerSlider({ layers }: { layers: number }) {
  const { z, depth } = state.layer.value;
  const shown = z < 0 ? Math.floor(layers / 2) : z;
  return (
    <label class="layer">
      <span>z {shown}</span>
      <input
        type="range"
        aria-label="Layer"
        min={0}
        max={layers - 1}
        value={shown}
        data-testid="layer"
        onInput={(event) => (state.layer.value = { z: Number(event.currentTarget.value), depth })}
      />
    </label>
  );
}
