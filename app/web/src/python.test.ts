import { describe, expect, it } from 'vitest';
import type { Job, PythonHealth } from './objects';
import { chipOf, stopArgs, withJob } from './python';

const health = (plane: PythonHealth['plane'], more: Partial<PythonHealth> = {}): PythonHealth => ({
  plane,
  reason: '',
  python: '3.11.2',
  torch: '2.13.0',
  job: null,
  ...more,
});
const job = (more: Partial<Job> = {}): Job => ({
  job: 'j1',
  name: 'train.py',
  state: 'running',
  stage: 0,
  outcome: null,
  exitCode: null,
  ...more,
});

describe('the chip of Python', () => {
  it('is not there for a server that says nothing of it', () => {
    expect(chipOf(null, {}, true)).toBeNull();
  });

  it('says idle, with versions for who points at it', () => {
    expect(chipOf(health('idle'), {}, true)).toMatchObject({
      text: 'Python: idle',
      tone: 'paused',
      title: 'Python 3.11.2, torch 2.13.0',
      job: null,
    });
  });

  it('names the script that runs and how far it is', () => {
    const busy = health('busy', { job: 'j1' });
    expect(chipOf(busy, { j1: job() }, true)).toMatchObject({
      text: 'Python: running train.py',
      tone: 'playing',
      job: 'j1',
      force: false,
    });
    expect(chipOf(busy, { j1: job({ progress: 0.456 }) }, true)?.text).toContain('45\u2009%');
    expect(chipOf(busy, {}, true)?.text).toBe('Python: running j1');
  });

  it('offers to force what was asked to stop', () => {
    const chip = chipOf(
      health('cancelling', { job: 'j1' }),
      { j1: job({ state: 'cancelling', stage: 1 }) },
      true,
    );
    expect(chip).toMatchObject({ text: 'Python: stopping train.py', tone: 'warn', force: true });
    expect(stopArgs(chip!)).toEqual({ job: 'j1', reason: 'stopped from the page', force: true });
  });

  it('says that a script waits for input', () => {
    const chip = chipOf(health('busy', { job: 'j1' }), { j1: job({ wantsInput: true }) }, true);
    expect(chip).toMatchObject({ text: 'Python: train.py waits for input', job: 'j1' });
  });

  it('says why Python failed, to everybody', () => {
    const failed = health('failed', { reason: 'no torch in /opt/venv' });
    for (const follows of [true, false])
      expect(chipOf(failed, {}, follows)).toMatchObject({
        text: 'Python: failed: no torch in /opt/venv',
        tone: 'failed',
        job: null,
      });
  });

  it('does not show what a viewer is not told the end of', () => {
    expect(chipOf(health('busy'), {}, false)).toBeNull();
    expect(chipOf(health('off', { reason: 'started with --no-python' }), {}, false)).toMatchObject({
      text: 'Python: off',
      title: expect.stringContaining('--no-python') as string,
    });
  });

  it('has nothing to stop when native code is stuck', () => {
    expect(chipOf(health('stuck', { job: 'j1' }), { j1: job({ stage: 3 }) }, true)).toMatchObject({
      text: 'Python: stuck in train.py',
      tone: 'failed',
      job: null,
    });
  });
});

it('jobs are remembered until they are done', () => {
  const one = withJob({}, job());
  const two = withJob(one, job({ job: 'j2', state: 'queued' }));
  expect(Object.keys(two)).toEqual(['j1', 'j2']);
  const stopping = withJob(two, job({ stage: 1 }));
  expect(stopping.j1?.stage).toBe(1);
  expect(Object.keys(withJob(stopping, job({ state: 'done' })))).toEqual(['j2']);
});
