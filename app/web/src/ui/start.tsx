import { useState } from 'preact/hooks';
import { newSeed } from '../actions';
import { command } from '../session';
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
  const [rle, setRle] = useState<string | null>(null);
  const patterns = (state.hello.value?.patterns ?? []).map((name) => `pattern:${name}`);
  return (
    <Section name="start" title="Start" open={false}>
      <div class="field">
        <label for="seed">Seed</label>
        <span class="with-button">
          <input
            id="seed"
            inputMode="numeric"
            value={String(world.seed)}
            disabled={!may}
            data-testid="seed"
            onChange={(event) => {
              const text = event.currentTarget.value.trim();
              if (/^\d+$/.test(text)) void command('field.seed', { seed: Number(text) });
              event.currentTarget.value = String(world.seed);
            }}
          />
          <IconButton icon="dice" label="A new seed" keys="S" disabled={!may} onClick={newSeed} />
        </span>
      </div>
      <TextField
        label="Begin with"
        value={world.init}
        about="noise, blobs, cell, packet, wave, empty or a pattern, with settings after a colon."
        disabled={!may}
        testid="init"
        list={[...KINDS, ...patterns]}
        apply={(init) => command('field.seed', { init })}
      />
      {rle === null ? (
        <button type="button" class="button quiet" disabled={!may} onClick={() => setRle('')}>
          Paste a pattern (RLE)
        </button>
      ) : (
        <form
          class="rle"
          onSubmit={(event) => {
            event.preventDefault();
            void command('field.seed', { rle }).then((done) => done && setRle(null));
          }}
        >
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
      )}
    </Section>
  );
}
