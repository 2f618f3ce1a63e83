import { count, prefixed, short } from '../format';
import * as state from '../state';

const MOST_VALUES = 4;

/** One line below the field: what is under the pointer, and how the stream does. */
export function StatusLine() {
  return (
    <div class="status">
      <ProbeReadout />
      <Hud />
    </div>
  );
}

function ProbeReadout() {
  const at = state.cursor.value;
  const probe = state.probe.value;
  const view = state.view.value;
  if (!at) return <div class="probe muted">Point at the field to read exact values</div>;
  const entries = probe ? Object.entries({ ...probe.values, ...probe.views }) : [];
  const first = entries.filter(([name]) => name === view?.name);
  const rest = entries.filter(([name]) => name !== view?.name);
  const values = [...first, ...rest].slice(0, MOST_VALUES);
  return (
    <div class="probe" data-testid="probe" aria-live={at.keyboard ? 'polite' : 'off'}>
      <span class="place">
        {at.x}, {at.y}
      </span>
      {values.map(([name, value]) => (
        <span key={name} class="value">
          <span class="name">{name}</span> {short(value, 6)}
        </span>
      ))}
    </div>
  );
}

function Hud() {
  const name = state.world.value?.name ?? '';
  const tick = state.ticks.value[name];
  const playing = state.world.value?.state === 'playing';
  const gauge = state.gauge.value;
  const dropped = state.stats.value?.dropped ?? 0;
  const scale = 2 ** state.shownLod.value;
  return (
    <dl class="hud" data-testid="hud">
      <Item name="steps/s" title="Steps a second">
        {playing ? prefixed(tick?.stepsPerSecond ?? 0) : '0'}
      </Item>
      <Item name="cells/s" title="Cells computed a second">
        {playing ? prefixed(tick?.cellsPerSecond ?? 0) : '0'}
      </Item>
      <Item name="fps" title="Frames shown a second">
        {gauge.fps}
      </Item>
      <Item name="age" title="Time from the engine reading the field to this page drawing it">
        {state.still.value ? 'still' : gauge.ageMs === null ? '–' : `${gauge.ageMs.toFixed(0)} ms`}
      </Item>
      <Item
        name="dropped"
        title="Frames the server left out because this page had not shown the last ones"
      >
        {count(dropped)}
      </Item>
      <Item name="texel" title="Cells a texel of the picture stands for">
        {scale === 1 ? '1:1' : `${scale}×${scale}`}
      </Item>
      <Item name="B/s" title="Bytes received a second">
        {prefixed(gauge.bytesPerSecond)}
      </Item>
    </dl>
  );
}

function Item({
  name,
  title,
  children,
}: {
  name: string;
  title: string;
  children: preact.ComponentChildren;
}) {
  return (
    <div title={title}>
      <dd>{children}</dd>
      <dt>{name}</dt>
    </div>
  );
}
