import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { count, short } from '../format';
import * as state from '../state';

const REDRAW_MS = 120;
const SHOWN_AT_FIRST = 3;
const LINES = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'];

function shownNames(): string[] {
  const names = state.series.value.columns.slice(2);
  const hidden = state.hiddenSeries.value;
  return names.filter((name, i) => !(hidden[name] ?? i >= SHOWN_AT_FIRST));
}

/** A small chart for each measure, over the whole run; one cursor for all. */
export function Charts() {
  const names = state.series.value.columns.slice(2);
  const shown = shownNames();
  const about = (name: string) => state.world.value?.series.find((one) => one.name === name);
  return (
    <section class="charts" aria-label="Measures over time" data-testid="charts">
      <div class="chart-names" role="group" aria-label="Measures shown">
        {names.map((name, i) => (
          <button
            key={name}
            type="button"
            class={`name-chip line-${i % LINES.length}`}
            aria-pressed={shown.includes(name)}
            title={about(name)?.about}
            onClick={() => {
              const next = shown.includes(name);
              state.hiddenSeries.value = { ...state.hiddenSeries.peek(), [name]: next };
            }}
          >
            {name}
          </button>
        ))}
        {names.length === 0 && <span class="muted">No measures yet</span>}
      </div>
      <div class="chart-row">
        {shown.map((name) => (
          <Chart
            key={`${state.world.value?.name} ${name} ${state.theme.value}`}
            name={name}
            unit={about(name)?.unit ?? ''}
            column={names.indexOf(name) + 2}
          />
        ))}
      </div>
    </section>
  );
}

function Chart({ name, unit, column }: { name: string; unit: string; column: number }) {
  const room = useRef<HTMLDivElement>(null);
  const value = useRef<HTMLSpanElement>(null);
  const plot = useRef<uPlot | null>(null);
  const waiting = useRef(false);

  useEffect(() => {
    const element = room.current!;
    plot.current = new uPlot(options(element, column, value.current!), data(column), element);
    const observer = new ResizeObserver(() => plot.current?.setSize(sizeOf(element)));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [column]);

  useSignalEffect(() => {
    void state.series.value;
    if (waiting.current) return;
    waiting.current = true;
    setTimeout(() => {
      waiting.current = false;
      if (!plot.current || document.hidden) return;
      plot.current.setData(data(column));
      if (plot.current.cursor.idx === null || plot.current.cursor.idx === undefined)
        newest(value.current, column);
    }, REDRAW_MS);
  });

  return (
    <figure class="chart">
      <figcaption>
        <span class={`line-name line-${(column - 2) % LINES.length}`}>{name}</span>
        <span class="chart-value" ref={value} />
        {unit && <span class="unit">{unit}</span>}
      </figcaption>
      <div class="chart-room" ref={room} />
    </figure>
  );
}

function data(column: number): uPlot.AlignedData {
  const all = state.series.peek().data;
  return [all[0] ?? [], all[column] ?? []];
}

function newest(element: HTMLElement | null, column: number): void {
  const last = state.series.peek().data[column]?.at(-1);
  if (element) element.textContent = short(last);
}

/** As many digits as tell one tick from the next. */
function tickText(tick: number, step: number): string {
  const digits = Math.ceil(Math.log10(Math.max(Math.abs(tick), step) / step)) + 1;
  return short(tick, Math.min(8, Math.max(2, digits)));
}

/** A line that is flat but for rounding looks flat: at least 1e-5 of its height is shown. */
function spanOf(lo: number | null, hi: number | null): uPlot.Range.MinMax {
  if (lo === null || hi === null) return [null, null];
  const least = 1e-5 * Math.max(Math.abs(lo), Math.abs(hi));
  const room = lo === hi ? 0 : Math.max(0, (least - (hi - lo)) / 2);
  return uPlot.rangeNum(lo - room, hi + room, 0.1, true);
}

/** Room for the longest label, pixels of a 10 px font. */
function labelRoom(labels: string[] | null): number {
  return Math.max(46, ...(labels ?? []).map((label) => 8 + 6 * label.length));
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: Math.max(80, element.clientWidth), height: Math.max(48, element.clientHeight) };
}

function options(element: HTMLElement, column: number, value: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const line = colour(LINES[(column - 2) % LINES.length]!);
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    font: '10px ui-sans-serif, system-ui, sans-serif',
    grid: { stroke: colour('--grid'), width: 1 },
    ticks: { show: false },
    gap: 3,
  };
  return {
    ...sizeOf(element),
    padding: [6, 18, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: 'atheria' }, drag: { x: false, y: false }, points: { size: 5 } },
    scales: { x: { time: false }, y: { range: (_, lo, hi) => spanOf(lo, hi) } },
    series: [{}, { stroke: line, width: 1.25, points: { show: false } }],
    axes: [
      { ...axis, size: 18, space: 70, values: (_, ticks) => ticks.map((tick) => count(tick)) },
      {
        ...axis,
        size: (_, labels) => labelRoom(labels),
        space: 24,
        values: (_, ticks, _axis, _space, step) => ticks.map((tick) => tickText(tick, step)),
      },
    ],
    hooks: {
      setCursor: [
        (plot) => {
          const at = plot.cursor.idx;
          if (at === null || at === undefined) newest(value, column);
          else value.textContent = `${short(plot.data[1]![at])} at ${count(plot.data[0][at]!)}`;
        },
      ],
    },
  };
}
