// Line icons on a 16 x 16 grid, drawn with the text's colour.

const PATHS = {
  play: 'M5 3.2v9.6l7.6-4.8z',
  pause: 'M5 3.5v9M11 3.5v9',
  step: 'M4 3.5v9l6-4.5zM12 3.5v9',
  reset: 'M3 8a5 5 0 1 0 1.6-3.7M3 2.5v2.5h2.5',
  dice: 'M4.5 2.7h7a1.8 1.8 0 0 1 1.8 1.8v7a1.8 1.8 0 0 1-1.8 1.8h-7a1.8 1.8 0 0 1-1.8-1.8v-7a1.8 1.8 0 0 1 1.8-1.8z',
  brush: 'M13 3 7 9M7 9c-1.5-.5-3 .5-3 2 0 1-.5 1.5-1.5 1.8C4.5 14 8 13.5 8 11c0-.8-.3-1.5-1-2z',
  erase: 'M9.5 3 13 6.5 7.5 12H5l-2.2-2.2zM6.5 6 10 9.5M7.5 13h5.5',
  noise: '',
  stamp: 'M6.5 3.5a1.5 1.5 0 0 1 3 0c0 2-1 2.5-1 4.5H12v2.5H4V8h3.5c0-2-1-2.5-1-4.5zM4 13h8',
  pan: 'M8 2.5v11M2.5 8h11M8 2.5 6.3 4.2M8 2.5l1.7 1.7M8 13.5l-1.7-1.7M8 13.5l1.7-1.7M2.5 8l1.7-1.7M2.5 8l1.7 1.7M13.5 8l-1.7-1.7M13.5 8l-1.7 1.7',
  fit: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  one: 'M4 5.5 5.5 4.5v7M11 5.5 12.5 4.5v7M8.5 6.5h.01M8.5 9.5h.01',
  undo: 'M6 4 3 7l3 3M3 7h6a3.5 3.5 0 0 1 0 7H7',
  redo: 'M10 4l3 3-3 3M13 7H7a3.5 3.5 0 0 0 0 7h2',
  sun: 'M8 5.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM8 1.8v1M8 13.2v1M1.8 8h1M13.2 8h1M3.6 3.6l.7.7M11.7 11.7l.7.7M3.6 12.4l.7-.7M11.7 4.3l.7-.7',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z',
  help: 'M5.8 6a2.2 2.2 0 1 1 3.3 1.9c-.8.4-1.1.9-1.1 1.7M8 12.3h.01',
  full: 'M9.5 3H13v3.5M13 3 9 7M6.5 13H3V9.5M3 13l4-4',
  plus: 'M8 3.5v9M3.5 8h9',
  close: 'M4 4l8 8M12 4l-8 8',
  image: 'M2.5 3.5h11v9h-11zM2.5 11l3.5-3.5 3 3 1.8-1.8 2.7 2.7M10.5 6h.01',
  save: 'M8 2.5v7M5 7l3 3 3-3M3 13h10',
  search: 'M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.5 3.5',
  chart: 'M2.5 3v10h11M4.5 10.5l3-4 2.5 2 3-4.5',
  warn: 'M8 2.5 14 13H2zM8 6.5v3M8 11.3h.01',
};

/** Dots, drawn thicker than lines. */
const DOTS: Partial<Record<IconName, string>> = {
  dice: 'M5.8 5.8h.01M10.2 5.8h.01M8 8h.01M5.8 10.2h.01M10.2 10.2h.01',
  noise:
    'M3 4h.01M7 3h.01M11.5 4.5h.01M5 7.5h.01M9 7h.01M13 8.5h.01M3 11h.01M7 11h.01M10.5 11.5h.01M5 13.5h.01M13 13h.01',
};

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} class={name === 'play' || name === 'step' ? 'solid' : undefined} />
      {DOTS[name] && <path d={DOTS[name]} class="dots" />}
    </svg>
  );
}

export function Logo() {
  return (
    <svg
      class="logo"
      viewBox="0 0 32 32"
      width="22"
      height="22"
      aria-hidden="true"
      focusable="false"
    >
      <path d="M3 16c4.3-9 8.7-9 13 0s8.7 9 13 0" />
      <path class="faint" d="M3 16c4.3 9 8.7 9 13 0s8.7-9 13 0" />
      <circle cx="16" cy="16" r="3" />
    </svg>
  );
}
