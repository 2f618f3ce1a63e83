// What the page says of Python in the server, and what stopping a script asks for. Pure.

import type { Job, PythonHealth } from './objects';

export interface PythonChip {
  text: string;
  /** The dot: `playing` for work, `paused` for none, `warn` and `failed` for what is wrong. */
  tone: 'paused' | 'playing' | 'warn' | 'failed';
  /** The whole of it, for the tooltip. */
  title: string;
  /** The job a stop button is about; null: there is none. */
  job: string | null;
  /** A stop was asked for already: the next one does not wait. */
  force: boolean;
}

/** Null: there is nothing to say. Who may not run scripts hears of no changes, and sees only what does not change. */
export function chipOf(
  python: PythonHealth | null,
  jobs: Readonly<Record<string, Job>>,
  follows: boolean,
): PythonChip | null {
  if (!python) return null;
  const { plane, reason } = python;
  const about = [
    python.python && `Python ${python.python}`,
    python.torch && `torch ${python.torch}`,
  ];
  const title = [reason, ...about].filter(Boolean).join(', ');
  const chip = (
    text: string,
    tone: PythonChip['tone'],
    job: string | null = null,
    force = false,
  ) => ({
    text: `Python: ${text}`,
    tone,
    title,
    job,
    force,
  });
  if (plane === 'failed') return chip(`failed: ${reason}`, 'failed');
  if (plane === 'off') return chip('off', 'paused');
  if (!follows) return null;
  const id = python.job ?? null;
  const job = id === null ? undefined : jobs[id];
  const name = job?.name ?? id ?? 'a script';
  const force = (job?.stage ?? 0) > 0 || plane === 'cancelling';
  if (plane === 'busy' && job?.wantsInput) return chip(`${name} waits for input`, 'warn', id);
  if (plane === 'busy') return chip(`running ${name}${share(job)}`, 'playing', id, force);
  if (plane === 'cancelling') return chip(`stopping ${name}`, 'warn', id, force);
  if (plane === 'stuck') return chip(`stuck in ${name}`, 'failed');
  return chip(plane, 'paused');
}

function share(job: Job | undefined): string {
  return typeof job?.progress === 'number' ? ` ${Math.floor(job.progress * 100)}\u2009%` : '';
}

/** The jobs that are not done, with one as it is now. */
export function withJob(jobs: Readonly<Record<string, Job>>, job: Job): Record<string, Job> {
  const all = { ...jobs, [job.job]: job };
  return Object.fromEntries(Object.entries(all).filter(([, one]) => one.state !== 'done'));
}

export function stopArgs(chip: PythonChip): Record<string, unknown> {
  return { job: chip.job, reason: 'stopped from the page', force: chip.force };
}
