/** The plot of the timeline, by uPlot: drag to travel, Shift and drag to zoom, double click to see all again. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Timeline } from '../../engine/protocol.ts';
import { at, dragging, goTo, lastEvent, opened, pass, zoom } from '../state/store.ts';
import { colourOf, colourScheme, laneColour } from './colours.ts';
import { bytesText, countText } from './numbers.ts';

const HEIGHT = 110;
const MARK_HEIGHT = 5;

export function TimelinePlot({ figure }: { readonly figure: number }) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const scheme = colourScheme();
  const lanes = opened.value!.lanes.map(({ name }) => name);

  useEffect(() => {
    const made = new uPlot(
      optionsOf(figure, lanes, host.current!.clientWidth),
      dataOf(figure),
      host.current!,
    );
    plot.current = made;
    const resized = new ResizeObserver(([entry]) =>
      made.setSize({ width: entry!.contentRect.width, height: HEIGHT }),
    );
    resized.observe(host.current!);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [figure, scheme, lanes.join()]);

  useSignalEffect(() => {
    if (pass.value !== undefined) plot.current?.setData(dataOf(figure));
  });
  useSignalEffect(() => {
    const [min, max] = zoom.value ?? [0, Math.max(1, lastEvent.value)];
    plot.current?.setScale('x', { min, max });
  });
  useSignalEffect(() => {
    void at.value;
    plot.current?.redraw(false, false);
  });

  return <div ref={host} class="timeline-host" />;
}

function dataOf(figure: number): uPlot.AlignedData {
  const timeline = pass.value?.timeline;
  if (timeline === undefined) return [[0, lastEvent.value], ...opened.value!.lanes.map(() => [null, null])];
  const { events, values } = timeline;
  return [events, ...values.map((lane) => seriesOf(lane[figure]!, opened.value!.figures[figure]!.kind))];
}

/** Of flows, what came since the sample before. */
function seriesOf(values: Float64Array, kind: 'level' | 'flow'): Float64Array {
  return kind === 'level' ? values : values.map((value, i) => value - (i === 0 ? 0 : values[i - 1]!));
}

function optionsOf(figure: number, lanes: readonly string[], width: number): uPlot.Options {
  const { unit } = opened.value!.figures[figure]!;
  const text = unit === 'bytes' ? bytesText : countText;
  const axis = {
    stroke: colourOf('--muted'),
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    padding: [4, 24, 0, 0],
    legend: { show: false },
    scales: { x: { time: false, range: () => zoom.value ?? [0, Math.max(1, lastEvent.value)] } },
    axes: [
      { ...axis, size: 24, values: (_, ticks) => ticks.map(countText) },
      { ...axis, size: 74, values: (_, ticks) => ticks.map(text), space: 28 },
    ],
    series: [
      {},
      ...lanes.map((label, lane) => ({
        label,
        stroke: laneColour(lane),
        width: 1.5,
        dash: DASHES[lane % 3]!,
        points: { show: false },
      })),
    ],
    cursor: {
      x: true,
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      bind: { mousedown: onlyWithShift },
    },
    hooks: { ready: [travelByDragging], setSelect: [zoomToSelected], draw: [drawMarks, drawMoment] },
  };
}

/** The stretch that was brushed; uPlot calls this also when it clears what was selected. */
function zoomToSelected(plot: uPlot): void {
  const { left, width } = plot.select;
  if (width < 3) return;
  zoom.value = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

/** Lanes are told apart by more than colour. */
const DASHES = [[], [6, 3], [2, 2]];

/** Dragging alone travels; uPlot's own dragging, which zooms, is with Shift. */
const onlyWithShift: NonNullable<uPlot.Cursor.Bind['mousedown']> = (_plot, _target, handler) => (event) => {
  if (event.shiftKey) handler(event);
  return null;
};

function travelByDragging(plot: uPlot): void {
  const travel = ({ clientX }: PointerEvent): void => {
    goTo(plot.posToVal(clientX - plot.over.getBoundingClientRect().left, 'x'));
  };
  plot.over.addEventListener('pointerdown', (event) => {
    if (event.shiftKey || event.button !== 0) return;
    plot.over.setPointerCapture(event.pointerId);
    dragging.value = true;
    travel(event);
  });
  plot.over.addEventListener('pointermove', (event) => {
    if (dragging.value) travel(event);
  });
  plot.over.addEventListener('dblclick', () => (zoom.value = undefined));
  for (const end of ['pointerup', 'pointercancel'] as const)
    plot.over.addEventListener(end, () => (dragging.value = false));
}

function drawMoment({ ctx, bbox, valToPos }: uPlot): void {
  const x = Math.round(valToPos(at.value, 'x', true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.fillStyle = colourOf('--fg');
  ctx.fillRect(x - 1, bbox.top, 2, bbox.height);
}

/** Two rows at the bottom: where events failed, and where lanes came out differently. */
function drawMarks(plot: uPlot): void {
  const timeline = pass.value?.timeline;
  if (timeline === undefined) return;
  const ratio = devicePixelRatio;
  const bottom = plot.bbox.top + plot.bbox.height;
  drawRow(plot, timeline, timeline.failures, colourOf('--bad'), bottom - MARK_HEIGHT * ratio);
  drawRow(plot, timeline, timeline.differences, colourOf('--differs'), bottom - 2 * MARK_HEIGHT * ratio);
}

function drawRow(plot: uPlot, { events }: Timeline, counts: Float64Array, colour: string, top: number): void {
  const { ctx, bbox, valToPos } = plot;
  ctx.fillStyle = colour;
  for (let i = 1; i < events.length; i++) {
    if (counts[i] === counts[i - 1]) continue;
    const left = Math.max(bbox.left, valToPos(events[i - 1]!, 'x', true));
    const right = Math.min(bbox.left + bbox.width, valToPos(events[i]!, 'x', true));
    if (right >= left)
      ctx.fillRect(left, top, Math.max(1, right - left), (MARK_HEIGHT - 1) * devicePixelRatio);
  }
}
