import { dialog } from '../actions';
import { CreateWorld } from './create';
import { Help } from './help';
import { Palette } from './palette';

export function Dialogs() {
  if (dialog.value === 'help') return <Help />;
  if (dialog.value === 'palette') return <Palette />;
  if (dialog.value === 'create') return <CreateWorld />;
  return null;
}
