import { useState } from 'preact/hooks';
import { ACTIONS, type Action, dialog } from '../actions';
import { Dialog } from './dialog';
import { Keys, keysOf } from './keycaps';

/** Finds an action by words of its name; arrows and Enter choose. */
export function Palette() {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const words = text.toLowerCase().split(/\s+/);
  const found = ACTIONS.filter(({ title, group }) =>
    words.every((word) => `${group} ${title}`.toLowerCase().includes(word)),
  );
  const chosen = Math.min(at, found.length - 1);
  const run = (action: Action | undefined) => {
    if (!action) return;
    dialog.value = null;
    void action.run();
  };
  const key = (event: KeyboardEvent) => {
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (move) setAt((chosen + move + found.length) % found.length);
    else if (event.key === 'Enter') run(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Find an action" testid="palette" bare>
      <input
        class="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={
          found[chosen] ? `action-${ACTIONS.indexOf(found[chosen])}` : undefined
        }
        aria-label="Find an action"
        placeholder="Find an action"
        autofocus
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={key}
      />
      <ul class="palette-list" id="palette-list" role="listbox" aria-label="Actions">
        {found.map((action, i) => (
          <li
            key={action.title}
            id={`action-${ACTIONS.indexOf(action)}`}
            role="option"
            aria-selected={i === chosen}
            onClick={() => run(action)}
            onPointerMove={() => i !== chosen && setAt(i)}
          >
            <span class="group">{action.group}</span>
            {action.title}
            <Keys keys={keysOf(action)} />
          </li>
        ))}
        {found.length === 0 && <li class="muted">Nothing of that name</li>}
      </ul>
    </Dialog>
  );
}
