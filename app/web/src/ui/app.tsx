import { dismiss, notices } from '../notices';
import * as state from '../state';
import { Charts } from './charts';
import { IconButton } from './controls';
import { Dialogs } from './dialogs';
import { Header } from './header';
import { Login } from './login';
import { Panel } from './panel';
import { Stage } from './stage';
import { Toolbar } from './toolbar';
import { Transport } from './transport';

export function App() {
  return (
    <>
      <Header />
      <div class="work">
        <Toolbar />
        <Stage />
        <Panel />
        <footer class="dock">
          <div class="dock-row">
            <Transport />
            <IconButton
              icon="chart"
              label={state.dockOpen.value ? 'Hide the charts' : 'Show the charts'}
              pressed={state.dockOpen.value}
              onClick={() => (state.dockOpen.value = !state.dockOpen.peek())}
            />
          </div>
          {state.dockOpen.value && <Charts />}
        </footer>
      </div>
      <Notices />
      <Dialogs />
      <Login />
    </>
  );
}

function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite" data-testid="notices">
      {notices.value.map((notice) => (
        <div key={notice.id} class="notice">
          {notice.text}
          <IconButton icon="close" label="Dismiss" onClick={() => dismiss(notice.id)} />
        </div>
      ))}
    </div>
  );
}
