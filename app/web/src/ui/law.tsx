import { command } from '../requests';
import * as state from '../state';
import { Section, Select } from './controls';

export function LawSection() {
  const world = state.world.value!;
  const law = state.law.value;
  const laws = state.hello.value?.laws ?? [];
  const flat = world.size[2] <= 1 ? 2 : 3;
  const fitting = laws.filter((one) => one.dimensions.includes(flat));
  const may = state.mayOperate.value;
  const untouched = law?.params.every(({ name, value }) => world.params[name] === value);
  const presets = [
    { value: '', text: untouched ? 'defaults' : 'own settings' },
    ...(law?.presets ?? []).map((one) => ({ value: one.name, text: one.title || one.name })),
  ];
  const [w, h, d] = world.size;
  return (
    <Section name="law" title="Law">
      <Select
        label="Law"
        value={world.law}
        options={fitting.map((one) => ({ value: one.name, text: one.title || one.name }))}
        disabled={!may}
        testid="law-select"
        onChange={(name) => void command('sim.set', { law: name })}
      />
      {presets.length > 1 && (
        <Select
          label="Preset"
          value={world.preset}
          options={presets}
          disabled={!may}
          testid="preset-select"
          onChange={(name) => name && void command('sim.set', { preset: name })}
        />
      )}
      {law?.equation && <pre class="equation">{law.equation}</pre>}
      {law?.about && <p class="about">{law.about}</p>}
      {law?.reference && <p class="reference">{law.reference}</p>}
      <p class="facts">
        {w} × {h}
        {d > 1 ? ` × ${d}` : ''} · {world.dtype} · {world.device} · {world.path}
      </p>
    </Section>
  );
}
