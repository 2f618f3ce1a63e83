import { setParams } from '../actions';
import type { Param, ParamValue } from '../objects';
import * as state from '../state';
import { Section, Select } from './controls';
import { Slider } from './slider';
import { TextField } from './text';

export function ParamsSection() {
  const world = state.world.value!;
  const params = state.law.value?.params ?? [];
  if (params.length === 0) return null;
  return (
    <Section name="params" title="Parameters">
      {params.map((param) => (
        <ParamControl
          key={`${world.law} ${param.name}`}
          param={param}
          value={world.params[param.name] ?? param.value}
        />
      ))}
    </Section>
  );
}

function ParamControl({ param, value }: { param: Param; value: ParamValue }) {
  const disabled = !state.mayOperate.value;
  const set = (next: ParamValue) => void setParams({ [param.name]: next });
  const testid = `param-${param.name}`;
  const label = param.title || param.name;
  if (param.kind === 'choice') {
    return (
      <Select
        label={label}
        value={String(value)}
        options={param.choices.map((choice) => ({ value: choice, text: choice }))}
        disabled={disabled}
        testid={testid}
        onChange={set}
      />
    );
  }
  if (param.kind === 'text') {
    return (
      <TextField
        label={label}
        value={String(value)}
        about={param.about}
        disabled={disabled}
        testid={testid}
        apply={(text) => setParams({ [param.name]: text })}
      />
    );
  }
  return (
    <Slider
      label={label}
      value={Number(value)}
      lo={param.lo}
      hi={param.hi}
      step={param.kind === 'integer' ? Math.max(1, param.step) : param.step}
      unit={param.unit}
      about={param.about}
      initial={Number(param.value)}
      disabled={disabled}
      testid={testid}
      onChange={set}
    />
  );
}
