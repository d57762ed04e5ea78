/** Draws an address space: regions by the type of their addresses, what lies in them, and what is picked. */
import type { AddressSpace, SpaceRegion } from '../../../models/address-space.ts';
import type { Piece } from '../../../models/pieces.ts';
import type { Place } from '../../../models/places.ts';
import type { Scale } from '../../../models/scale.ts';
import { colourOf } from '../colours.ts';
import type { Size } from '../parts/canvas.tsx';
import { type Lens, yOf } from './lens.ts';

export interface SpaceDrawing {
  readonly space: AddressSpace;
  readonly scale: Scale;
  readonly lens: Lens;
  readonly places: readonly Place[];
  /** The address that is picked, to the byte. */
  readonly address: bigint | undefined;
}

/** Where the bar begins and where, in it, the pieces do. */
export interface Columns {
  readonly bar: number;
  readonly pieces: number;
}

/** Addresses stand beside the bar where there is room, and names in it. */
export function columnsOf(width: number, wordBits: number): Columns {
  const gutter = wordBits > 32 ? 138 : 84;
  const bar = width - gutter >= 150 ? gutter : 0;
  const names = Math.min(190, Math.max(76, (width - bar) * 0.52));
  return { bar, pieces: bar + names };
}

export function drawSpace(
  ctx: CanvasRenderingContext2D,
  drawing: SpaceDrawing,
  { width, height }: Size,
): void {
  const { space, scale, lens } = drawing;
  const { bar, pieces } = columnsOf(width, space.wordBits);
  ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const rows = (start: bigint, end: bigint): readonly [top: number, rows: number] => {
    const top = yOf(scale, lens, height, end);
    return [top, yOf(scale, lens, height, start) - top];
  };
  const isSeen = ([top, rows]: readonly [number, number]): boolean => top + rows > -1 && top < height + 1;
  for (const region of space.regions) {
    const at = rows(region.start, region.end);
    if (!isSeen(at)) continue;
    drawRegion(ctx, region, bar, width, at);
    for (const piece of region.pieces) {
      const inside = rows(piece.start, piece.end);
      if (isSeen(inside)) drawPiece(ctx, region, piece, pieces, width, inside);
    }
  }
  const draw = drawing.places.length > FEW ? drawMargin : drawPlace;
  for (const place of drawing.places) {
    const at = rows(place.start, place.end);
    if (isSeen(at)) draw(ctx, bar, width, at);
  }
  if (drawing.address !== undefined)
    drawAddress(ctx, bar, width, yOf(scale, lens, height, drawing.address), height);
}

function drawRegion(
  ctx: CanvasRenderingContext2D,
  region: SpaceRegion,
  left: number,
  right: number,
  [top, rows]: readonly [number, number],
): void {
  ctx.globalAlpha = 1;
  ctx.fillStyle = region.isHole ? hatched(ctx, '--line') : colourOf(`--band-${region.type}`);
  ctx.fillRect(left, top, right - left, Math.max(rows, 1));
  ctx.fillStyle = colourOf(`--type-${region.type}`);
  if (!region.isHole) ctx.fillRect(left, top, 4, Math.max(rows, 1));
  ctx.fillStyle = colourOf('--line');
  ctx.fillRect(left, Math.round(top + rows) - 1, right - left, 1);
}

/** Below this there is no room for a line around it. */
const LEAST_FRAMED = 4;
const LEAST_NAMED = 13;

function drawPiece(
  ctx: CanvasRenderingContext2D,
  region: SpaceRegion,
  piece: Piece,
  left: number,
  right: number,
  [top, rows]: readonly [number, number],
): void {
  const tall = Math.max(rows, 1);
  const width = right - left - 6;
  const colour = colourOf(`--type-${region.type}`);
  ctx.fillStyle = piece.kind === 'unpurged' ? hatched(ctx, `--type-${region.type}`) : colour;
  ctx.globalAlpha = piece.kind === 'direct' ? 0.28 : piece.kind === 'boot' ? 0.35 : 0.55;
  ctx.fillRect(left, top, width, tall);
  const share = residentShare(piece);
  if (share > 0) {
    ctx.globalAlpha = 0.85;
    ctx.fillRect(left, top, Math.max(2, width * share), tall);
  }
  ctx.globalAlpha = 1;
  if (rows < LEAST_FRAMED) return;
  ctx.strokeStyle = colour;
  ctx.strokeRect(left + 0.5, top + 0.5, width - 1, rows - 1);
  if (rows >= LEAST_NAMED) nameOf(ctx, piece, left, width, top + rows / 2);
}

/** Of a mapping, how much of it is in memory. */
function residentShare({ start, end, residentBytes = 0 }: Piece): number {
  return residentBytes / Number(end - start);
}

function nameOf(
  ctx: CanvasRenderingContext2D,
  piece: Piece,
  left: number,
  width: number,
  middle: number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, middle - 8, width, 16);
  ctx.clip();
  ctx.textBaseline = 'middle';
  const text = piece.protection === '' ? piece.name : `${piece.protection} ${piece.name}`;
  ctx.lineWidth = 3;
  ctx.strokeStyle = colourOf('--bg');
  ctx.lineJoin = 'round';
  ctx.strokeText(text, left + 6, middle);
  ctx.fillStyle = colourOf('--fg');
  ctx.fillText(text, left + 6, middle);
  ctx.restore();
}

/** So many can be framed before they hide what they frame. */
const FEW = 6;

/** A bar beside what is picked. */
function drawMargin(
  ctx: CanvasRenderingContext2D,
  left: number,
  _right: number,
  [top, rows]: readonly [number, number],
): void {
  ctx.fillStyle = colourOf('--picked');
  ctx.fillRect(left, top, 6, Math.max(rows, 2));
}

function drawPlace(
  ctx: CanvasRenderingContext2D,
  left: number,
  right: number,
  [top, rows]: readonly [number, number],
): void {
  const tall = Math.max(rows, 3);
  ctx.globalAlpha = 0.25;
  ctx.fillStyle = colourOf('--picked');
  ctx.fillRect(left, top, right - left, tall);
  ctx.globalAlpha = 1;
  ctx.lineWidth = 2;
  ctx.strokeStyle = colourOf('--picked');
  ctx.strokeRect(left + 1, top, right - left - 2, tall);
  ctx.lineWidth = 1;
}

/** A line across, or a mark at the end behind which the address lies. */
function drawAddress(
  ctx: CanvasRenderingContext2D,
  left: number,
  right: number,
  y: number,
  height: number,
): void {
  const at = Math.min(Math.max(y, 1), height - 1);
  ctx.fillStyle = colourOf('--picked');
  ctx.fillRect(left, at - 1, right - left, 2);
  ctx.beginPath();
  ctx.moveTo(right, at - 6);
  ctx.lineTo(right - 9, at);
  ctx.lineTo(right, at + 6);
  ctx.fill();
}

/** Lines at a slant: what is nothing, or no longer something, is told apart without colour. */
function hatched(ctx: CanvasRenderingContext2D, variable: string): CanvasPattern {
  const tile = document.createElement('canvas');
  tile.width = tile.height = 8;
  const lines = tile.getContext('2d')!;
  lines.strokeStyle = colourOf(variable);
  lines.lineWidth = 1;
  for (const shift of [-8, 0, 8]) {
    lines.beginPath();
    lines.moveTo(shift, 8);
    lines.lineTo(shift + 8, 0);
    lines.stroke();
  }
  return ctx.createPattern(tile, 'repeat')!;
}
