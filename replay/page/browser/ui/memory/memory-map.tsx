/** The physical memory of one lane: each zone as a map of cells, down to single frames. */
import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import type { PfnRange } from '../../../../../core/layout/page-frames.ts';
import type { PhysicalMap, ZoneFacts } from '../../../models/physical.ts';
import { opened, select } from '../../state/store.ts';
import { colourScheme } from '../colours.ts';
import { bytesText, countText } from '../numbers.ts';
import { Canvas, useSize } from '../parts/canvas.tsx';
import { drawZone } from './draw-zone.ts';
import { cellAtPlace, framesOf, gridsOf, roomOf, type ZoneGrid } from './grid.ts';
import { classColours } from './palette.ts';

export interface MemoryMapProps {
  readonly name: string;
  readonly map: PhysicalMap;
  readonly variables: readonly string[];
  /** The class that is looked at alone. */
  readonly only: number | undefined;
  readonly picked: readonly PfnRange[];
  /** Around a frame, so many times as many frames. */
  onZoom(pfn: number, factor: number): void;
  onMove(by: number): void;
  onWhole(): void;
}

export function MemoryMap(props: MemoryMapProps) {
  const { map, name } = props;
  const host = useRef<HTMLDivElement>(null);
  const { width } = useSize(host);
  const cursor = useSignal<number | undefined>(undefined);
  const scheme = colourScheme();
  const colours = useMemo(() => classColours(props.variables), [props.variables.join(), scheme]);
  const lanes = opened.value!.lanes.length;
  const grids = useMemo(
    () => (width === 0 ? [] : gridsOf(map, roomOf(width, innerHeight, lanes))),
    [map, width, lanes],
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a map that is moved about in with the keyboard
    <div
      class="memory-map"
      role="group"
      aria-label={`Physical memory of ${name}`}
      ref={host}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: as the role says
      tabIndex={0}
      onKeyDown={(event) => {
        if (!keyed(event.key, props, grids[0]?.columns ?? 1, cursor)) return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onPointerLeave={() => (cursor.value = undefined)}
    >
      {grids.map((grid) => (
        <Zone
          key={grid.zone.name}
          {...props}
          grid={grid}
          colours={colours}
          cursor={cursor.value}
          onCursor={(cell) => (cursor.value = cell)}
        />
      ))}
      {cursor.value !== undefined && <Note map={map} cell={cursor.value} />}
    </div>
  );
}

/** Arrows go from cell to cell, Enter goes in or picks a frame, + and - zoom, 0 shows all. */
function keyed(
  key: string,
  { map, onZoom, onMove, onWhole }: MemoryMapProps,
  columns: number,
  cursor: { value: number | undefined },
): boolean {
  const cells = map.classOf.length;
  const here = cursor.value ?? 0;
  const pfn = framesOf(map, here)[0];
  const go = (by: number): void => {
    cursor.value = Math.min(cells - 1, Math.max(0, here + by));
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => go(-1),
    ArrowRight: () => go(1),
    ArrowUp: () => go(-columns),
    ArrowDown: () => go(columns),
    PageUp: () => onMove(-(map.endPfn - map.firstPfn)),
    PageDown: () => onMove(map.endPfn - map.firstPfn),
    '+': () => onZoom(pfn, 1 / 4),
    '-': () => onZoom(pfn, 4),
    '0': onWhole,
    Enter: () => pick(map, here, onZoom),
  };
  keys[key]?.();
  return keys[key] !== undefined;
}

/** Of cells that stand for many frames, what is inside; a single frame is picked. */
function pick(map: PhysicalMap, cell: number, onZoom: MemoryMapProps['onZoom']): void {
  const [pfn] = framesOf(map, cell);
  if (map.framesPerCell === 1) select({ kind: 'frame', pfn });
  else onZoom(pfn + map.framesPerCell / 2, Math.max(1 / 16, 1 / map.framesPerCell));
}

interface ZoneProps extends MemoryMapProps {
  readonly grid: ZoneGrid;
  /** By class, four bytes each. */
  readonly colours: readonly Uint8ClampedArray[];
  readonly cursor: number | undefined;
  onCursor(cell: number | undefined): void;
}

function Zone({ map, grid, colours, only, picked, cursor, onCursor, onZoom }: ZoneProps) {
  const host = useRef<HTMLDivElement>(null);
  const { zone, rows, cellPx } = grid;
  const draw = useCallback(
    (ctx: CanvasRenderingContext2D) => drawZone(ctx, { map, grid, colours, only, picked, cursor }),
    [map, grid, colours, only, picked, cursor],
  );
  const cellAt = (event: MouseEvent): number | undefined => {
    const { left, top } = host.current!.getBoundingClientRect();
    return cellAtPlace(grid, event.clientX - left, event.clientY - top);
  };
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const latest = useRef(cellAt);
  latest.current = cellAt;
  useEffect(() => {
    const element = host.current!;
    const wheel = (event: WheelEvent): void => {
      const cell = latest.current(event);
      if (cell === undefined || !event.ctrlKey) return;
      event.preventDefault();
      zoom.current(framesOf(map, cell)[0], event.deltaY > 0 ? 2 : 1 / 2);
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [map]);
  return (
    <section class="zone" aria-label={`Zone ${zone.name}`}>
      <h4>
        {zone.name} <span class="muted">{zoneText(zone, map.pageBytes)}</span>
      </h4>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keyboard is the whole map's */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter, there */}
      <div
        class="zone-cells"
        ref={host}
        style={{ height: `${rows * cellPx}px` }}
        onPointerMove={(event) => onCursor(cellAt(event))}
        onClick={(event) => {
          const cell = cellAt(event);
          if (cell !== undefined) pick(map, cell, onZoom);
        }}
      >
        <Canvas
          label={`${countText(grid.end - grid.first)} cells of ${countText(map.framesPerCell)} frames`}
          draw={draw}
        />
      </div>
    </section>
  );
}

/** `866.1 MiB free of 879.0 MiB, marks 3.5 / 4.4 / 5.3 MiB`. */
function zoneText(
  { freePages, managedPages, min, low, high, startPfn }: ZoneFacts,
  pageBytes: number,
): string {
  const bytes = (pages: number): string => bytesText(pages * pageBytes);
  const marks = `marks ${bytes(min)}, ${bytes(low)}, ${bytes(high)}`;
  return `from frame 0x${startPfn.toString(16)}: ${bytes(freePages)} free of ${bytes(managedPages)}; ${marks}`;
}

function Note({ map, cell }: { readonly map: PhysicalMap; readonly cell: number }) {
  const [first, end] = framesOf(map, cell);
  const { name } = map.classes[map.classOf[cell]!]!;
  const share = Math.round((100 * map.shares[cell]!) / 255);
  const hex = (pfn: number): string => `0x${pfn.toString(16)}`;
  return (
    <div class="note memory-note" role="status">
      <span class="mono">
        {end - first === 1 ? `frame ${hex(first)}` : `frames ${hex(first)} – ${hex(end - 1)}`}
      </span>{' '}
      <strong>{name}</strong>
      {end - first > 1 && (
        <span class="muted">
          {' '}
          {share} % of {countText(end - first)}
        </span>
      )}
    </div>
  );
}
