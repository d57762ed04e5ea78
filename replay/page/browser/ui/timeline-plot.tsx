/** The plot of the timeline, by uPlot: drag to travel, Shift and drag to zoom, double click to see all again. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { at, axisKind, dragging, goTo, lastEvent, opened, pass, zoom } from '../state/store.ts';
import { colourOf, colourScheme, laneColour } from './colours.ts';
import { bytesText, countText, timeText } from './numbers.ts';
import { type Axis, axisOf } from './timeline-axis.ts';

const HEIGHT = 110;
const MARK_HEIGHT = 5;

export function TimelinePlot({ figure }: { readonly figure: number }) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const scheme = colourScheme();
  const kind = axisKind.value;
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
  }, [figure, scheme, kind, lanes.join()]);

  useSignalEffect(() => {
    if (pass.value !== undefined) plot.current?.setData(dataOf(figure));
  });
  useSignalEffect(() => {
    const [min, max] = shownRange();
    plot.current?.setScale('x', { min, max });
  });
  useSignalEffect(() => {
    void at.value;
    plot.current?.redraw(false, false);
  });

  return <div ref={host} class="timeline-host" />;
}

function axis(): Axis {
  return axisOf(axisKind.value, pass.value?.timeline, lastEvent.value);
}

/** Zoom is in events: as such it is in the link. */
function shownRange(): [number, number] {
  const { end, placeOf } = axis();
  if (zoom.value === undefined) return [0, end];
  return [placeOf(zoom.value[0], 0), placeOf(zoom.value[1], 0)];
}

function dataOf(figure: number): uPlot.AlignedData {
  const timeline = pass.value?.timeline;
  if (timeline === undefined) return [[0, lastEvent.value], ...opened.value!.lanes.map(() => [null, null])];
  const { kind } = opened.value!.figures[figure]!;
  const { places } = axis();
  const series = timeline.values.map(
    (lane, i): uPlot.AlignedData => [places(i), seriesOf(lane[figure]!, kind)],
  );
  return axisKind.value === 'events'
    ? [places(0), ...series.map(([, values]) => values!)]
    : uPlot.join(series);
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
    scales: { x: { time: false, range: shownRange } },
    axes: [
      {
        ...axis,
        size: 24,
        values: (_, ticks) => ticks.map(axisKind.value === 'events' ? countText : timeText),
      },
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
        spanGaps: true,
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
  const { eventAt } = axis();
  zoom.value = [eventAt(plot.posToVal(left, 'x')), eventAt(plot.posToVal(left + width, 'x'))];
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
    goTo(axis().eventAt(plot.posToVal(clientX - plot.over.getBoundingClientRect().left, 'x')));
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

/** Along time each lane is at its own. */
function drawMoment(plot: uPlot): void {
  const { placeOf } = axis();
  if (axisKind.value === 'events') drawLine(plot, at.value, colourOf('--fg'));
  else
    for (const lane of opened.value!.lanes.keys()) drawLine(plot, placeOf(at.value, lane), laneColour(lane));
}

function drawLine({ ctx, bbox, valToPos }: uPlot, place: number, colour: string): void {
  const x = Math.round(valToPos(place, 'x', true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.fillStyle = colour;
  ctx.fillRect(x - 1, bbox.top, 2, bbox.height);
}

/** Two rows at the bottom: where events failed, and where lanes came out differently. */
function drawMarks(plot: uPlot): void {
  const timeline = pass.value?.timeline;
  if (timeline === undefined) return;
  const ratio = devicePixelRatio;
  const bottom = plot.bbox.top + plot.bbox.height;
  drawRow(plot, timeline.failures, colourOf('--bad'), bottom - MARK_HEIGHT * ratio);
  drawRow(plot, timeline.differences, colourOf('--differs'), bottom - 2 * MARK_HEIGHT * ratio);
}

function drawRow({ ctx, bbox, valToPos }: uPlot, counts: Float64Array, colour: string, top: number): void {
  const places = axis().places(0);
  ctx.fillStyle = colour;
  for (let i = 1; i < places.length; i++) {
    if (counts[i] === counts[i - 1]) continue;
    const left = Math.max(bbox.left, valToPos(places[i - 1]!, 'x', true));
    const right = Math.min(bbox.left + bbox.width, valToPos(places[i]!, 'x', true));
    if (right >= left)
      ctx.fillRect(left, top, Math.max(1, right - left), (MARK_HEIGHT - 1) * devicePixelRatio);
  }
}
