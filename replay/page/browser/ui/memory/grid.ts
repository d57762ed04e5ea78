/** Cells of a map of frames laid out in rows, zone by zone, the lowest frame first. */
import type { PhysicalMap, ZoneFacts } from '../../../models/physical.ts';

/** The cells of one zone, in rows of `columns`, squares of `cellPx`. */
export interface ZoneGrid {
  readonly zone: ZoneFacts;
  /** Indexes of the map's cells [first, end). */
  readonly first: number;
  readonly end: number;
  readonly columns: number;
  readonly rows: number;
  readonly cellPx: number;
}

/** A cell that zones share belongs to the one in which it begins; zones out of view have no grid. */
export function gridsOf(map: PhysicalMap, room: Room): ZoneGrid[] {
  const cellPx = cellSize(map.classOf.length, room);
  const columns = Math.max(1, Math.floor(room.width / cellPx));
  const { zones } = map;
  const starts = zones.map(({ startPfn }, i) => (i === 0 ? 0 : Math.max(0, cellAt(map, startPfn))));
  return zones.flatMap((zone, i) => {
    const first = starts[i]!;
    const end = Math.min(starts[i + 1] ?? map.classOf.length, map.classOf.length);
    if (first >= end) return [];
    return [{ zone, first, end, columns, rows: Math.ceil((end - first) / columns), cellPx }];
  });
}

/** As large as what there is allows: single frames are shown as squares that one can point at. */
function cellSize(cells: number, { width, height }: Room): number {
  const fitting = Math.sqrt((width * height) / cells);
  return Math.min(18, Math.max(2, Math.floor(fitting)));
}

/** What the map of a lane may take, in pixels. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** Of a window this high, for one of so many lanes: all of them are to be seen together. */
export function roomOf(width: number, windowHeight: number, lanes: number): Room {
  return { width, height: Math.min(420, Math.max(110, (windowHeight * 0.6) / lanes)) };
}

/** Of a cell of three pixels each way. */
const LEAST_AREA = 9;

/** How many cells there is room for. */
export function cellsFor({ width, height }: Room): number {
  return Math.max(64, Math.floor((width * height) / LEAST_AREA));
}

function firstCell({ firstPfn, framesPerCell }: PhysicalMap): number {
  return Math.floor(firstPfn / framesPerCell);
}

/** The cell that starts at or behind a frame. */
function cellAt(map: PhysicalMap, pfn: number): number {
  return Math.ceil(pfn / map.framesPerCell) - firstCell(map);
}

/** Frames [first, end) of a cell that the map shows. */
export function framesOf(map: PhysicalMap, cell: number): readonly [first: number, end: number] {
  const start = (firstCell(map) + cell) * map.framesPerCell;
  return [Math.max(start, map.firstPfn), Math.min(start + map.framesPerCell, map.endPfn)];
}

/** The cell that has a frame; undefined out of view. */
export function cellOf(map: PhysicalMap, pfn: number): number | undefined {
  if (pfn < map.firstPfn || pfn >= map.endPfn) return undefined;
  return Math.floor(pfn / map.framesPerCell) - firstCell(map);
}

/** The cell at a place in a grid; undefined where there is none. */
export function cellAtPlace(
  { first, end, columns, cellPx }: ZoneGrid,
  x: number,
  y: number,
): number | undefined {
  const column = Math.floor(x / cellPx);
  const cell = first + Math.floor(y / cellPx) * columns + column;
  return column >= 0 && column < columns && y >= 0 && cell < end ? cell : undefined;
}
