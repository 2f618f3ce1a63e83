// The objects of atheria.v1, as PROTOCOL.md section 3 names them.

export interface View {
  name: string;
  title: string;
  unit: string;
  range: [number, number];
  cyclic: boolean;
  channels: number;
}

export type ParamValue = number | string;

export interface Param {
  name: string;
  title: string;
  kind: 'number' | 'integer' | 'text' | 'choice';
  value: ParamValue;
  lo: number;
  hi: number;
  step: number;
  unit: string;
  about: string;
  choices: string[];
}

export interface Preset {
  name: string;
  title: string;
  params: Record<string, ParamValue>;
  init: string;
}

export interface Measure {
  name: string;
  unit: string;
  about: string;
}

export interface Law {
  name: string;
  title: string;
  about: string;
  equation: string;
  reference: string;
  channels: {
    name: string;
    unit: string;
    lo: number;
    hi: number;
    background: number;
    ink: number;
  }[];
  radius: number;
  complex: boolean;
  stochastic: boolean;
  dimensions: number[];
  dtypes: string[];
  measures: Measure[];
  params: Param[];
  presets: Preset[];
  init: string;
  view: string;
  colormap: string;
  views: View[];
}

export interface Pace {
  mode: 'every' | 'manual' | 'full';
  every: number;
  maxFps: number;
  stepsPerSecond: number;
}

export interface World {
  name: string;
  law: string;
  title: string;
  preset: string;
  size: [number, number, number];
  dtype: string;
  device: string;
  path: string;
  init: string;
  seed: number | string;
  params: Record<string, ParamValue>;
  pace: Pace;
  guard: 'pause' | 'off';
  state: 'playing' | 'paused' | 'failed';
  step: number;
  time: number;
  stepsPerSecond: number;
  cellsPerSecond: number;
  failure: string | null;
  undo: number;
  redo: number;
  revision: number;
  views: View[];
  series: Measure[];
  /** No world, but what a script shows (streams.ts): it can be looked at, and takes no commands. */
  stream?: boolean | undefined;
}

/** What can be subscribed to. `shape` as NumPy has it. */
export interface Topic {
  topic: string;
  shape: number[];
  dtype: string;
  range: [number, number] | null;
  unit: string;
  cyclic: boolean;
  channels: number;
}

/** Python in the server. Only `plane` and `reason` for those who may not run scripts. */
export interface PythonHealth {
  plane: 'off' | 'starting' | 'idle' | 'busy' | 'cancelling' | 'stuck' | 'failed';
  reason: string;
  python?: string;
  torch?: string;
  job?: string | null;
}

/** A script's job, as far as the page looks at it. */
export interface Job {
  job: string;
  name: string;
  state: 'queued' | 'running' | 'cancelling' | 'done';
  stage: number;
  outcome: string | null;
  exitCode: number | null;
  progress?: number | null;
  wantsInput?: boolean;
}

export interface Hello {
  proto: string;
  server: string;
  epoch: string;
  conn: string;
  role: 'viewer' | 'operator' | 'script' | 'admin';
  caps: string[];
  limits: Record<string, number>;
  state: { worlds: World[] };
  laws: Law[];
  patterns: string[];
  topics?: Topic[];
  python?: PythonHealth;
}

export interface Tick {
  world: string;
  step: number;
  time: number;
  stepsPerSecond: number;
  cellsPerSecond: number;
}

export interface SubStats {
  sub: number;
  offered: number;
  sent: number;
  dropped: number;
  acked: number;
  window: number;
  bytes: number;
}

export interface Probe {
  step: number;
  values: Record<string, number | string>;
  views: Record<string, number | string>;
}

export interface Histogram {
  range: [number, number];
  counts: number[];
  nan: number;
}
