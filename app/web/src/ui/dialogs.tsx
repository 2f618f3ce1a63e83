import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ACTIONS, type Action, dialog } from '../actions';
import { IconButton } from './controls';
import { CreateWorld } from './create';

export function Dialogs() {
  if (dialog.value === 'help') return <Help />;
  if (dialog.value === 'palette') return <Palette />;
  if (dialog.value === 'create') return <CreateWorld />;
  return null;
}

export function Dialog({
  title,
  children,
  wide,
  testid,
  bare,
}: {
  title: string;
  children: ComponentChildren;
  wide?: boolean;
  testid?: string;
  bare?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = ref.current!;
    element.showModal();
    return () => element.close();
  }, []);
  const close = () => (dialog.value = null);
  return (
    <dialog
      ref={ref}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-label={title}
      data-testid={testid}
      onCancel={close}
      onClick={(event) => event.target === ref.current && close()}
    >
      <div class="dialog-body">
        {!bare && (
          <div class="dialog-title">
            <h2>{title}</h2>
            <IconButton icon="close" label="Close" keys="Esc" onClick={close} />
          </div>
        )}
        {children}
      </div>
    </dialog>
  );
}

const NAMES: Record<string, string> = { mod: 'Ctrl', shift: 'Shift' };

export function keysOf(action: Action): string[] {
  const text = action.shown ?? action.keys?.[0];
  if (!text) return [];
  if (action.shown) return text.split(' ');
  return text.split('+').map((key) => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

function Keys({ keys }: { keys: string[] }) {
  return (
    <span class="keys">
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}

const POINTER: [string, string][] = [
  ['Wheel', 'Zoom to the pointer'],
  ['Drag', 'Paint with the tool, or move with the hand'],
  ['Space or middle button, drag', 'Move the field'],
  ['Alt and wheel', 'Size of the brush'],
  ['Double click on a parameter’s name', 'Back to its default'],
];
const FIELD: [string, string][] = [
  ['Arrows (with Shift: ten cells)', 'Move a cursor and read values, with the field focused'],
  ['Enter', 'Paint there'],
  ['1 to 9', 'Go to that world'],
];

function Help() {
  const groups = ['World', 'Tools', 'View', 'Page'] as const;
  return (
    <Dialog title="Keys and pointer" wide testid="help">
      <div class="help">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {ACTIONS.filter((action) => action.group === group && keysOf(action).length > 0).map(
                (action) => (
                  <div key={action.title}>
                    <dt>{action.title}</dt>
                    <dd>
                      <Keys keys={keysOf(action)} />
                    </dd>
                  </div>
                ),
              )}
            </dl>
          </section>
        ))}
        <Hints title="Pointer" rows={POINTER} />
        <Hints title="Field" rows={FIELD} />
      </div>
    </Dialog>
  );
}

function Hints({ title, rows }: { title: string; rows: [string, string][] }) {
  return (
    <section class="hints">
      <h3>{title}</h3>
      <dl>
        {rows.map(([what, does]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Palette() {
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
