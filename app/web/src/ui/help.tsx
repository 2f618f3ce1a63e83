import { ACTIONS, type Action } from '../actions';
import { Dialog } from './dialog';
import { Keys, keysOf } from './keycaps';

const GROUPS = ['World', 'Tools', 'View', 'Page'] as const;
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

/** Every key and gesture there is. */
export function Help() {
  return (
    <Dialog title="Keys and pointer" wide testid="help">
      <div class="help">
        {GROUPS.map((group) => (
          <Group key={group} group={group} />
        ))}
        <Hints title="Pointer" rows={POINTER} />
        <Hints title="Field" rows={FIELD} />
      </div>
    </Dialog>
  );
}

function Group({ group }: { group: Action['group'] }) {
  const actions = ACTIONS.filter((one) => one.group === group && keysOf(one).length > 0);
  return (
    <section>
      <h3>{group}</h3>
      <dl>
        {actions.map((action) => (
          <div key={action.title}>
            <dt>{action.title}</dt>
            <dd>
              <Keys keys={keysOf(action)} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
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
