import { dialog, toggleTheme, fullscreen } from '../actions';
import type { Phase } from '../client';
import { prefixed } from '../format';
import type { World } from '../objects';
import * as state from '../state';
import { IconButton } from './controls';
import { Icon, Logo } from './icons';
import { Python } from './python';

export function Header() {
  return (
    <header class="header">
      <h1 class="brand">
        <Logo />
        <span>Atheria</span>
      </h1>
      <Tabs />
      <div class="header-end">
        <Python />
        <Connection />
        <IconButton
          icon="search"
          label="Find an action"
          keys="Ctrl K"
          onClick={() => (dialog.value = 'palette')}
        />
        <IconButton
          icon={state.theme.value === 'dark' ? 'sun' : 'moon'}
          label={state.theme.value === 'dark' ? 'Light theme' : 'Dark theme'}
          keys="L"
          onClick={toggleTheme}
          testid="theme-button"
        />
        <IconButton
          icon="full"
          label="Full screen"
          keys="F"
          onClick={fullscreen}
          class="wide-only"
        />
        <IconButton
          icon="help"
          label="Help"
          keys="?"
          onClick={() => (dialog.value = 'help')}
          testid="help-button"
        />
      </div>
    </header>
  );
}

function Tabs() {
  return (
    <nav class="tabs" aria-label="Worlds">
      {state.worlds.value.map((world) => (
        <Tab key={world.name} world={world} />
      ))}
      {state.streams.value.map((stream) => (
        <Tab key={stream.name} world={stream} />
      ))}
      {state.isAdmin.value && (
        <button
          type="button"
          class="tab add"
          aria-label="New world"
          title="New world"
          data-testid="new-world"
          onClick={() => (dialog.value = 'create')}
        >
          <Icon name="plus" />
        </button>
      )}
    </nav>
  );
}

function Tab({ world }: { world: World }) {
  const current = state.world.value?.name === world.name;
  return (
    <button
      type="button"
      class={current ? 'tab current' : 'tab'}
      aria-current={current ? 'page' : undefined}
      title={`${world.title}, ${world.size.filter((n, i) => i < 2 || n > 1).join(' × ')}, ${world.state}`}
      data-testid={`world-tab-${world.name}`}
      onClick={() => state.chooseWorld(world.name)}
    >
      <span class={`dot ${world.state}`} aria-hidden="true" />
      <span class="tab-name">{world.name}</span>
      <span class="hidden">, {world.state}</span>
      <Rate name={world.name} playing={world.state === 'playing'} />
    </button>
  );
}

function Rate({ name, playing }: { name: string; playing: boolean }) {
  const speed = state.ticks.value[name]?.stepsPerSecond ?? 0;
  return <span class="tab-rate">{playing && speed > 0 ? `${prefixed(speed)}/s` : ''}</span>;
}

const PHASES: Record<Phase['name'], string> = {
  open: 'Connected',
  connecting: 'Connecting',
  waiting: 'Reconnecting',
  login: 'Signed out',
  refused: 'Refused',
};

function Connection() {
  const phase = state.phase.value;
  const ms = state.gauge.value.roundTripMs;
  const server = state.hello.value
    ? `server ${state.hello.value.server}, ${state.hello.value.role}`
    : '';
  const trip = ms === null ? '' : `, round trip ${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
  return (
    <span
      class={`connection ${phase.name}`}
      data-testid="connection"
      title={server + trip}
      role="status"
    >
      <span class="dot" aria-hidden="true" />
      {PHASES[phase.name]}
    </span>
  );
}
