import { useState } from 'preact/hooks';
import { newSeed } from '../actions';
import { command } from '../requests';
import * as state from '../state';
import { IconButton, Section } from './controls';
import { TextField } from './text';

const KINDS = [
  'noise',
  'noise:density=0.3',
  'blobs',
  'blobs:count=12,radius=6',
  'cell',
  'packet',
  'packet:width=16,kx=8',
  'wave:kx=2,ky=1',
  'empty',
];

/** Where a world starts from: a seed and a starting state. */
export function StartSection() {
  const world = state.world.value!;
  const may = state.mayOperate.value;
  const patterns = (state.hello.value?.patterns ?? []).map((name) => `pattern:${name}`);
  return (
    <Section name="start" title="Start" open={false}>
      <Seed seed={world.seed} disabled={!may} />
      <TextField
        label="Begin with"
        value={world.init}
        about="noise, blobs, cell, packet, wave, empty or a pattern, with settings after a colon."
        disabled={!may}
        testid="init"
        list={[...KINDS, ...patterns]}
        apply={(init) => command('field.seed', { init })}
      />
      <Paste disabled={!may} />
    </Section>
  );
}

function Seed({ seed, disabled }: { seed: number | string; disabled: boolean }) {
  const change = (input: HTMLInputElement) => {
    const text = input.value.trim();
    const number = Number(text);
    // Above 2^53 a number would lose its last digits; the server reads text too.
    const next = Number.isSafeInteger(number) ? number : text;
    if (/^\d+$/.test(text)) void command('field.seed', { seed: next });
    input.value = String(seed);
  };
  return (
    <div class="field">
      <label for="seed">Seed</label>
      <span class="with-button">
        <input
          id="seed"
          inputMode="numeric"
          value={String(seed)}
          disabled={disabled}
          data-testid="seed"
          onChange={(event) => change(event.currentTarget)}
        />
        <IconButton icon="dice" label="A new seed" keys="S" disabled={disabled} onClick={newSeed} />
      </span>
    </div>
  );
}

/** A button that opens a text area for a pattern in Golly's format. */
function Paste({ disabled }: { disabled: boolean }) {
  const [rle, setRle] = useState<string | null>(null);
  if (rle === null) {
    return (
      <button type="button" class="button quiet" disabled={disabled} onClick={() => setRle('')}>
        Paste a pattern (RLE)
      </button>
    );
  }
  const begin = (event: Event) => {
    event.preventDefault();
    void command('field.seed', { rle }).then((done) => done && setRle(null));
  };
  return (
    <form class="rle" onSubmit={begin}>
      <textarea
        aria-label="A pattern in Golly's RLE format"
        rows={5}
        spellcheck={false}
        placeholder={'x = 3, y = 3, rule = B3/S23\nbob$2bo$3o!'}
        value={rle}
        onInput={(event) => setRle(event.currentTarget.value)}
      />
      <div class="row">
        <button type="submit" class="button" disabled={!rle.trim()}>
          Start from it
        </button>
        <button type="button" class="button quiet" onClick={() => setRle(null)}>
          Cancel
        </button>
      </div>
    </form>
  );
}
