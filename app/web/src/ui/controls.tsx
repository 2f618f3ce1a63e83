// The few controls everything is made of.

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { openSections } from '../state';
import { Icon, type IconName } from './icons';

interface IconButtonProps {
  icon: IconName;
  label: string;
  /** Shown after the label in the tooltip. */
  keys?: string;
  onClick: () => unknown;
  pressed?: boolean;
  disabled?: boolean;
  testid?: string;
  class?: string;
  children?: ComponentChildren;
}

export function IconButton(props: IconButtonProps) {
  const { icon, label, keys, onClick, pressed, disabled, testid, children } = props;
  return (
    <button
      type="button"
      class={`button ${children ? '' : 'square'} ${props.class ?? ''}`}
      aria-label={children ? undefined : label}
      aria-pressed={pressed}
      title={keys ? `${label} (${keys})` : label}
      disabled={disabled}
      data-testid={testid}
      onClick={() => void onClick()}
    >
      <Icon name={icon} />
      {children}
    </button>
  );
}

export function Section({
  name,
  title,
  children,
  open = true,
}: {
  name: string;
  title: string;
  children: ComponentChildren;
  open?: boolean;
}) {
  const shown = openSections.value[name] ?? open;
  const id = useId();
  return (
    <section class="section">
      <h2>
        <button
          type="button"
          aria-expanded={shown}
          aria-controls={id}
          onClick={() => (openSections.value = { ...openSections.peek(), [name]: !shown })}
        >
          <span class="chevron" aria-hidden="true" />
          {title}
        </button>
      </h2>
      {shown && (
        <div class="section-body" id={id}>
          {children}
        </div>
      )}
    </section>
  );
}

export interface Option {
  value: string;
  text: string;
}

export function Select({
  label,
  value,
  options,
  onChange,
  disabled,
  testid,
  hideLabel,
}: {
  label: string;
  value: string;
  options: Option[];
  onChange: (value: string) => void;
  disabled?: boolean;
  testid?: string;
  hideLabel?: boolean;
}) {
  const id = useId();
  return (
    <div class={hideLabel ? 'field bare' : 'field'}>
      <label for={id} class={hideLabel ? 'hidden' : ''}>
        {label}
      </label>
      <span class="select">
        <select
          id={id}
          value={value}
          disabled={disabled}
          data-testid={testid}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === value}>
              {option.text}
            </option>
          ))}
        </select>
      </span>
    </div>
  );
}

export function Toggle({
  label,
  on,
  onChange,
}: {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <label class="toggle">
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span class="switch" aria-hidden="true" />
      {label}
    </label>
  );
}

/** One of a few: radio buttons that look like one control. */
export function Segments({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: Option[];
  onChange: (value: string) => void;
}) {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class="hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} class={option.value === value ? 'on' : ''}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.text}
        </label>
      ))}
    </fieldset>
  );
}

/** Fills the track up to the value, where the browser draws only a groove. */
export function trackFill(element: HTMLInputElement | null): void {
  if (!element) return;
  const [lo, hi, now] = [Number(element.min), Number(element.max), Number(element.value)];
  element.style.setProperty('--fill', `${((now - lo) / (hi - lo || 1)) * 100}%`);
}
