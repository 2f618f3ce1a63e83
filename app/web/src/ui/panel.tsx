import * as state from '../state';
import { BrushSection } from './brush';
import { ColourSection } from './colour';
import { HistogramSection } from './histogram';
import { LawSection } from './law';
import { ParamsSection } from './params';
import { StartSection } from './start';

export function Panel() {
  if (!state.world.value) return <aside class="panel" aria-label="Settings" />;
  if (state.inStream.value) {
    return (
      <aside class="panel" aria-label="Settings" tabIndex={-1}>
        <ColourSection />
      </aside>
    );
  }
  return (
    <aside class="panel" aria-label="Settings" tabIndex={-1}>
      <LawSection />
      <ParamsSection />
      <StartSection />
      {state.tool.value !== 'pan' && state.mayOperate.value && <BrushSection />}
      <ColourSection />
      <HistogramSection />
    </aside>
  );
}
