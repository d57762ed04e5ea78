/** Draws the cells of a zone: each by the class of most of its frames, paler the smaller their share. */
import type { PfnRange } from '../../../../../core/layout/page-frames.ts';
import type { PhysicalMap } from '../../../models/physical.ts';
import { colourOf } from '../colours.ts';
import { cellOf, type ZoneGrid } from './grid.ts';

interface ZoneDrawing {
  readonly map: PhysicalMap;
  readonly grid: ZoneGrid;
  /** By class, four bytes each; classes that are not looked at are paler. */
  readonly colours: readonly Uint8ClampedArray[];
  readonly only: number | undefined;
  readonly picked: readonly PfnRange[];
  readonly cursor: number | undefined;
}

export function drawZone(ctx: CanvasRenderingContext2D, drawing: ZoneDrawing): void {
  const { grid } = drawing;
  const { columns, rows, cellPx } = grid;
  const cells = new ImageData(pixelsOf(drawing), columns, rows);
  const small = new OffscreenCanvas(columns, rows);
  small.getContext('2d')!.putImageData(cells, 0, 0);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(small, 0, 0, columns * cellPx, rows * cellPx);
  if (cellPx >= 6) drawLines(ctx, grid);
  ctx.fillStyle = colourOf('--picked');
  for (const range of drawing.picked) markRange(ctx, drawing, range);
  if (drawing.picked.length <= FEW && cellPx < 6)
    for (const range of drawing.picked) ringAround(ctx, drawing, range);
  if (drawing.cursor !== undefined) outline(ctx, grid, drawing.cursor);
}

const PALE = 0.16;

/** A pixel a cell. */
function pixelsOf({ map, grid, colours, only }: ZoneDrawing): Uint8ClampedArray<ArrayBuffer> {
  const { first, end, columns, rows } = grid;
  const pixels = new Uint8ClampedArray(4 * columns * rows);
  for (let cell = first, at = 0; cell < end; cell++, at += 4) {
    const cls = map.classOf[cell]!;
    const share = map.shares[cell]! / 255;
    const [red, green, blue] = colours[cls]!;
    pixels[at] = red!;
    pixels[at + 1] = green!;
    pixels[at + 2] = blue!;
    pixels[at + 3] = 255 * (only === undefined || only === cls ? 0.35 + 0.65 * share : PALE * share);
  }
  return pixels;
}

/** Large cells stand apart. */
function drawLines(ctx: CanvasRenderingContext2D, { columns, rows, cellPx }: ZoneGrid): void {
  ctx.fillStyle = colourOf('--bg');
  for (let column = 1; column <= columns; column++) ctx.fillRect(column * cellPx - 1, 0, 1, rows * cellPx);
  for (let row = 1; row <= rows; row++) ctx.fillRect(0, row * cellPx - 1, columns * cellPx, 1);
}

function markRange(
  ctx: CanvasRenderingContext2D,
  { map, grid }: ZoneDrawing,
  { start, end }: PfnRange,
): void {
  const from = cellOf(map, Math.max(start, map.firstPfn));
  const to = cellOf(map, Math.min(end, map.endPfn) - 1);
  if (from === undefined || to === undefined) return;
  for (let cell = Math.max(from, grid.first); cell <= to && cell < grid.end; cell++) {
    const [x, y] = placeOf(grid, cell);
    // So that the colour of the cell can be seen too.
    const size = Math.max(1.5, grid.cellPx / 2);
    const inset = (grid.cellPx - size) / 2;
    ctx.fillRect(x + inset, y + inset, size, size);
  }
}

/** So many can be ringed without hiding one another. */
const FEW = 8;

/** A single cell of a large map would be overlooked. */
function ringAround(ctx: CanvasRenderingContext2D, { map, grid }: ZoneDrawing, { start }: PfnRange): void {
  const cell = cellOf(map, start);
  if (cell === undefined || cell < grid.first || cell >= grid.end) return;
  const [x, y] = placeOf(grid, cell);
  ctx.beginPath();
  ctx.arc(x + grid.cellPx / 2, y + grid.cellPx / 2, 6, 0, 2 * Math.PI);
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = colourOf('--picked');
  ctx.stroke();
}

function outline(ctx: CanvasRenderingContext2D, grid: ZoneGrid, cell: number): void {
  if (cell < grid.first || cell >= grid.end) return;
  const [x, y] = placeOf(grid, cell);
  ctx.lineWidth = 2;
  ctx.strokeStyle = colourOf('--fg');
  ctx.strokeRect(x - 1, y - 1, grid.cellPx + 1, grid.cellPx + 1);
}

function placeOf({ first, columns, cellPx }: ZoneGrid, cell: number): readonly [x: number, y: number] {
  const at = cell - first;
  return [(at % columns) * cellPx, Math.floor(at / columns) * cellPx];
}
