import { useLayoutEffect, useRef } from 'preact/hooks';
import { useId } from 'preact/hooks';
import { decimalsOf, short } from '../format';
import { trackFill } from './controls';
import { useLocal } from './local';

export interface SliderProps {
  label: string;
  value: number;
  lo: number;
  hi: number;
  /** 0: continuous. */
  step?: number;
  unit?: string;
  about?: string;
  disabled?: boolean;
  testid?: string;
  onChange: (value: number) => void;
  /** Double click on the label goes back to it. */
  initial?: number;
  /** What the number field shows instead, read-only. */
  text?: string;
}

/** A label, a number one can type and a slider. While it is moved, it does not listen to the server. */
export function Slider(props: SliderProps) {
  const { label, lo, hi, unit, about, disabled, testid, initial, text } = props;
  const step = props.step && props.step > 0 ? props.step : 0;
  const [value, change] = useLocal(props.value, props.onChange);
  const track = useRef<HTMLInputElement>(null);
  const id = useId();
  useLayoutEffect(() => trackFill(track.current));
  const typed = (text: string) => {
    const next = Number(text.replace('\u2212', '-').replace(',', '.'));
    if (text.trim() !== '' && Number.isFinite(next)) change(Math.min(hi, Math.max(lo, next)));
  };
  const shownText = step ? value.toFixed(decimalsOf(step)) : short(value, 5).replace('\u2212', '-');
  return (
    <div class="slider">
      <label
        for={id}
        title={about}
        onDblClick={() => initial !== undefined && !disabled && change(initial)}
      >
        {label}
      </label>
      {text === undefined ? (
        <span class="number">
          <input
            type="text"
            inputMode="decimal"
            aria-label={`${label}, value`}
            value={shownText}
            disabled={disabled}
            data-testid={testid && `${testid}-value`}
            onChange={(event) => {
              typed(event.currentTarget.value);
              event.currentTarget.value = shownText;
            }}
          />
          {unit && <span class="unit">{unit}</span>}
        </span>
      ) : (
        <output>{text}</output>
      )}
      <input
        ref={track}
        id={id}
        type="range"
        min={lo}
        max={hi}
        step={step || (hi - lo) / 1000 || 'any'}
        value={value}
        disabled={disabled}
        aria-valuetext={text}
        data-testid={testid}
        onInput={(event) => change(Number(event.currentTarget.value))}
      />
    </div>
  );
}
