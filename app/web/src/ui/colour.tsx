import { invertColours, saveField, saveImage } from '../actions';
import { short } from '../format';
import { COLORMAPS, type ColormapName } from '../render/colormap';
import * as state from '../state';
import { IconButton, Section, Segments, Select, Toggle } from './controls';

export function ColourSection() {
  const rgb = (state.view.value?.channels ?? 1) >= 3;
  return (
    <Section name="colour" title="Picture">
      {rgb ? <p class="about">Three channels, shown as red, green and blue.</p> : <ColourChoices />}
      <div class="toggles">
        <Toggle
          label="16-bit"
          on={state.precise.value}
          onChange={(on) => (state.precise.value = on)}
        />
        <Toggle label="Tile" on={state.tiled.value} onChange={(on) => (state.tiled.value = on)} />
      </div>
      <div class="row">
        <IconButton icon="image" label="Save the picture as PNG" onClick={saveImage}>
          PNG
        </IconButton>
        <IconButton icon="save" label="Save the exact field for NumPy" onClick={saveField}>
          .npy
        </IconButton>
      </div>
    </Section>
  );
}

/** For one channel. A cyclic view has its own range, and no logarithm. */
function ColourChoices() {
  const { colormap, inverted, log, range } = state.colours.value;
  const cyclic = state.view.value?.cyclic ?? false;
  return (
    <>
      <Select
        label="Colormap"
        value={colormap}
        options={COLORMAPS.map((name) => ({ value: name, text: name }))}
        testid="colormap-select"
        onChange={(name) => state.chooseColours({ colormap: name as ColormapName })}
      />
      {!cyclic && <RangeKind range={range} />}
      {Array.isArray(range) && <RangeFields range={range} />}
      <div class="toggles">
        <Toggle label="Invert" on={inverted} onChange={() => invertColours()} />
        {!cyclic && (
          <Toggle
            label="Logarithmic"
            on={log}
            onChange={(on) => state.chooseColours({ log: on })}
          />
        )}
      </div>
    </>
  );
}

function RangeKind({ range }: { range: state.Colours['range'] }) {
  return (
    <div class="field">
      <span class="label">Range</span>
      <Segments
        label="Range"
        value={Array.isArray(range) ? 'lock' : range}
        options={[
          { value: 'auto', text: 'auto' },
          { value: 'symmetric', text: '± sym' },
          { value: 'lock', text: 'lock' },
        ]}
        onChange={chooseRange}
      />
    </div>
  );
}

function chooseRange(kind: string): void {
  const shown = state.shown.peek();
  const lock: [number, number] = shown ? [shown.lo, shown.hi] : [0, 1];
  state.chooseColours({ range: kind === 'lock' ? lock : (kind as 'auto' | 'symmetric') });
}

function RangeFields({ range }: { range: [number, number] }) {
  const set = (index: 0 | 1) => (event: { currentTarget: HTMLInputElement }) => {
    const value = Number(event.currentTarget.value.replace('\u2212', '-'));
    const next: [number, number] = index === 0 ? [value, range[1]] : [range[0], value];
    if (next.every(Number.isFinite) && next[0] < next[1]) state.chooseColours({ range: next });
    else event.currentTarget.value = short(range[index]);
  };
  return (
    <div class="field range">
      <input aria-label="Lowest" value={short(range[0])} onChange={set(0)} />
      <span>to</span>
      <input aria-label="Highest" value={short(range[1])} onChange={set(1)} />
    </div>
  );
}
