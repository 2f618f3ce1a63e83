import * as state from '../state';
import { Section, Select } from './controls';
import { Slider } from './slider';

const NAMES: Record<state.Tool, string> = {
  pan: 'Move',
  brush: 'Brush',
  erase: 'Eraser',
  noise: 'Noise',
  stamp: 'Stamp',
};

export function BrushSection() {
  const tool = state.tool.value;
  const brush = state.brush.value;
  const change = (part: Partial<typeof brush>) =>
    (state.brush.value = { ...state.brush.peek(), ...part });
  if (tool === 'stamp') return <StampSection brush={brush} change={change} />;
  return (
    <Section name="brush" title={NAMES[tool]}>
      <Slider
        label="Radius"
        unit="cells"
        about="[ and ], or Alt and the wheel"
        lo={0.5}
        hi={64}
        step={0.5}
        value={Math.min(64, brush.radius)}
        testid="brush-radius"
        onChange={(radius) => change({ radius })}
      />
      {tool === 'brush' && (
        <Slider
          label="Value"
          about="0: the law's background, 1: its ink"
          lo={0}
          hi={1}
          step={0.01}
          value={brush.value}
          testid="brush-value"
          onChange={(value) => change({ value })}
        />
      )}
      <Slider
        label="Softness"
        about="0: a hard edge"
        lo={0}
        hi={1}
        step={0.05}
        value={brush.softness}
        testid="brush-softness"
        onChange={(softness) => change({ softness })}
      />
    </Section>
  );
}

function StampSection({
  brush,
  change,
}: {
  brush: typeof state.brush.value;
  change: (part: Partial<typeof state.brush.value>) => void;
}) {
  const patterns = state.hello.value?.patterns ?? [];
  return (
    <Section name="brush" title={NAMES.stamp}>
      <Select
        label="Pattern"
        value={brush.pattern}
        options={patterns.map((name) => ({ value: name, text: name }))}
        testid="stamp-pattern"
        onChange={(pattern) => change({ pattern, rle: '' })}
      />
      <div class="field column">
        <label for="stamp-rle">or RLE text</label>
        <textarea
          id="stamp-rle"
          rows={3}
          spellcheck={false}
          value={brush.rle}
          onInput={(event) => change({ rle: event.currentTarget.value })}
        />
      </div>
    </Section>
  );
}
