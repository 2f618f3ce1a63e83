import { redo, undo } from '../actions';
import { fit, oneToOne } from '../stage/looking';
import * as state from '../state';
import { IconButton } from './controls';
import type { IconName } from './icons';

const TOOLS: { tool: state.Tool; icon: IconName; label: string; keys: string }[] = [
  { tool: 'pan', icon: 'pan', label: 'Move the field', keys: 'V, or hold Space' },
  { tool: 'brush', icon: 'brush', label: 'Brush', keys: 'B' },
  { tool: 'erase', icon: 'erase', label: 'Erase', keys: 'E' },
  { tool: 'noise', icon: 'noise', label: 'Noise', keys: 'X' },
  { tool: 'stamp', icon: 'stamp', label: 'Stamp a pattern', keys: 'P' },
];

export function Toolbar() {
  const world = state.world.value;
  const may = state.mayOperate.value && world !== null;
  return (
    <div class="toolbar" role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {TOOLS.map(({ tool, icon, label, keys }) => (
        <IconButton
          key={tool}
          icon={icon}
          label={label}
          keys={keys}
          pressed={state.tool.value === tool}
          disabled={tool !== 'pan' && !may}
          testid={`tool-${tool}`}
          onClick={() => (state.tool.value = tool)}
        />
      ))}
      <hr />
      <IconButton
        icon="undo"
        label="Undo"
        keys="Ctrl Z"
        disabled={!may || !world?.undo}
        onClick={undo}
        testid="undo"
      />
      <IconButton
        icon="redo"
        label="Redo"
        keys="Ctrl Shift Z"
        disabled={!may || !world?.redo}
        onClick={redo}
        testid="redo"
      />
      <hr />
      <IconButton icon="fit" label="Fit the whole field" keys="0" onClick={fit} testid="fit" />
      <IconButton icon="one" label="One cell, one pixel" keys="Shift 1" onClick={oneToOne} />
    </div>
  );
}
