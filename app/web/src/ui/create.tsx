import { useState } from 'preact/hooks';
import { dialog } from '../actions';
import { CommandError } from '../client';
import { link } from '../requests';
import * as state from '../state';
import { Select } from './controls';
import { Dialog } from './dialog';

const SIZES = [128, 256, 512, 1024, 2048];

/** A new world beside the others, or the end of the one in view. */
export function CreateWorld() {
  const laws = state.hello.value?.laws ?? [];
  const [law, setLaw] = useState(state.world.peek()?.law ?? laws[0]?.name ?? '');
  const [size, setSize] = useState('256');
  const [depth, setDepth] = useState('1');
  const [name, setName] = useState('');
  const [fault, setFault] = useState('');
  const chosen = laws.find((one) => one.name === law);
  const free = freeName(law);
  const solid = chosen?.dimensions.includes(3) ?? false;
  const create = async (event: Event) => {
    event.preventDefault();
    const side = Number(size);
    const shape = solid && Number(depth) > 1 ? [side, side, Number(depth)] : [side, side];
    try {
      await link.request('sim.create', { name: name.trim() || free, law, size: shape });
      state.chooseWorld(name.trim() || free);
      dialog.value = null;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      setFault(error.message);
    }
  };
  return (
    <Dialog title="New world" testid="create">
      <form class="create" onSubmit={(event) => void create(event)}>
        <Select
          label="Law"
          value={law}
          options={laws.map((one) => ({ value: one.name, text: one.title || one.name }))}
          onChange={setLaw}
          testid="create-law"
        />
        <div class="field">
          <label for="create-name">Name</label>
          <input
            id="create-name"
            placeholder={free}
            value={name}
            spellcheck={false}
            data-testid="create-name"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </div>
        <Select
          label="Cells a side"
          value={size}
          options={SIZES.map((side) => ({ value: String(side), text: `${side} × ${side}` }))}
          onChange={setSize}
        />
        {solid && (
          <Select
            label="Layers"
            value={depth}
            options={[1, 16, 32, 64, 128].map((n) => ({
              value: String(n),
              text: n === 1 ? '1 (flat)' : String(n),
            }))}
            onChange={setDepth}
          />
        )}
        {chosen?.about && <p class="about">{chosen.about}</p>}
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <div class="row end">
          <DeleteCurrent onFault={setFault} />
          <button type="submit" class="button primary" data-testid="create-button">
            Create
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function DeleteCurrent({ onFault }: { onFault: (message: string) => void }) {
  const [sure, setSure] = useState(false);
  const world = state.world.value;
  if (!world) return null;
  const remove = async () => {
    if (!sure) return setSure(true);
    try {
      await link.request('sim.delete', { world: world.name });
      dialog.value = null;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      onFault(error.message);
    }
  };
  return (
    <button
      type="button"
      class={sure ? 'button danger' : 'button quiet'}
      onClick={() => void remove()}
    >
      {sure ? `Really delete ${world.name}` : `Delete ${world.name}`}
    </button>
  );
}

function freeName(law: string): string {
  const taken = new Set(state.worlds.peek().map((one) => one.name));
  for (let n = 1; ; ++n) {
    const name = n === 1 ? law : `${law}-${n}`;
    if (!taken.has(name)) return name;
  }
}
