/** The address space of one lane: drawn to scale, regions named, each thing told where the pointer or the keyboard is. */
import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { AddressSpace, SpaceRegion } from '../../../models/address-space.ts';
import type { Selected } from '../../../models/by-lane.ts';
import type { Piece } from '../../../models/pieces.ts';
import type { Place } from '../../../models/places.ts';
import type { Scale } from '../../../models/scale.ts';
import type { Selection } from '../../../models/selection.ts';
import { select } from '../../state/store.ts';
import { addressText, bytesText, sizeText } from '../numbers.ts';
import { Canvas, type Size, useSize } from '../parts/canvas.tsx';
import { addressAtY, around, type Lens, moved, positionAt, WHOLE, yOf, zoomed } from './lens.ts';
import { columnsOf, drawSpace } from './space-canvas.ts';

interface SpaceFigureProps {
  readonly name: string;
  readonly space: AddressSpace;
  readonly scale: Scale;
  readonly lens: Lens;
  readonly selected: Selected | undefined;
  onLens(lens: Lens): void;
}

/** What lies at an address: the piece, if there is one, and the region. */
interface Spot {
  readonly address: bigint;
  readonly region: SpaceRegion;
  readonly piece: Piece | undefined;
}

const ZOOM = 1.25;

export function SpaceFigure({ name, space, scale, lens, selected, onLens }: SpaceFigureProps) {
  const host = useRef<HTMLDivElement>(null);
  const size = useSize(host);
  const spot = useSignal<Spot | undefined>(undefined);
  const { height, width } = size;
  const spotAtY = (y: number): Spot => spotAt(space, addressAtY(scale, lens, height, y));
  useWheel(host, (event) => {
    const isOut = event.deltaY > 0;
    if (isOut && lens.from === 0 && lens.to === 1) return;
    event.preventDefault();
    onLens(zoomed(lens, positionAt(lens, height, event.offsetY), isOut ? ZOOM : 1 / ZOOM));
  });
  const draw = useCallback(
    (ctx: CanvasRenderingContext2D, area: Size) => {
      const places = placesIn(space, selected);
      drawSpace(ctx, { space, scale, lens, places, address: addressIn(space, selected) }, area);
    },
    [space, scale, lens, selected],
  );
  const drag = useRef<{ y: number; lens: Lens; moved: boolean } | undefined>(undefined);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a figure that is moved about in with the keyboard
    <div
      class="space-figure"
      role="group"
      aria-label={`Address space of ${name}`}
      ref={host}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: as the role says
      tabIndex={0}
      onKeyDown={(event) => {
        const done = keyed(event.key, {
          space,
          scale,
          lens,
          spot: spot.value,
          onLens,
          onSpot: (next) => (spot.value = next),
        });
        if (!done) return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onPointerMove={(event) => {
        const y = event.clientY - host.current!.getBoundingClientRect().top;
        const from = drag.current;
        if (from === undefined) {
          spot.value = spotAtY(y);
          return;
        }
        if (Math.abs(y - from.y) < 4 && !from.moved) return;
        from.moved = true;
        onLens(moved(from.lens, ((y - from.y) / height) * (from.lens.to - from.lens.from)));
      }}
      onPointerDown={(event) => {
        if ((event.target as Element).closest('button') !== null || event.button !== 0) return;
        const y = event.clientY - host.current!.getBoundingClientRect().top;
        drag.current = { y, lens, moved: false };
        host.current!.setPointerCapture(event.pointerId);
      }}
      onPointerUp={(event) => {
        const from = drag.current;
        drag.current = undefined;
        if (from === undefined || from.moved) return;
        const y = event.clientY - host.current!.getBoundingClientRect().top;
        select(selectionOf(space, spotAtY(y)));
      }}
      onPointerCancel={() => (drag.current = undefined)}
      onPointerLeave={() => (spot.value = undefined)}
      onDblClick={({ target }) => (target as Element).closest('button') === null && onLens(WHOLE)}
    >
      <Canvas
        label={`${space.layout}: ${space.regions.filter(({ isHole }) => !isHole).length} regions`}
        draw={draw}
      />
      <Labels {...{ space, scale, lens, height, width, onLens }} />
      {spot.value !== undefined && (
        <Note
          spot={spot.value}
          space={space}
          y={yOf(scale, lens, height, spot.value.address)}
          height={height}
        />
      )}
    </div>
  );
}

/** Places in the half of another process are not here. */
function placesIn({ sharers }: AddressSpace, selected: Selected | undefined): readonly Place[] {
  return (selected?.linked.places ?? []).filter(({ pid }) => pid === undefined || sharers.includes(pid));
}

function addressIn({ sharers }: AddressSpace, selected: Selected | undefined): bigint | undefined {
  const { address, pid } = selected?.linked ?? {};
  return pid === undefined || sharers.includes(pid) ? address : undefined;
}

function useWheel(host: { readonly current: HTMLElement | null }, act: (event: WheelEvent) => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const element = host.current!;
    // Preact's own listeners may be passive, and then the page would scroll too.
    const listen = (event: WheelEvent): void => latest.current(event);
    element.addEventListener('wheel', listen, { passive: false });
    return () => element.removeEventListener('wheel', listen);
  }, [host]);
}

function spotAt(space: AddressSpace, address: bigint): Spot {
  const region = space.regions.find(({ start, end }) => start <= address && address < end)!;
  return {
    address,
    region,
    piece: region.pieces.find(({ start, end }) => start <= address && address < end),
  };
}

/** An object where there is one, else the page. */
function selectionOf(
  { pid, pageBytes }: AddressSpace,
  { address, region, piece }: Spot,
): Selection | undefined {
  if (region.isHole) return undefined;
  if (piece?.object !== undefined) return { kind: 'object', object: piece.object };
  const page = address - (address % BigInt(pageBytes));
  return { kind: 'address', address: page, pid: region.kind === 'user' ? pid : undefined };
}

interface Keyed {
  readonly space: AddressSpace;
  readonly scale: Scale;
  readonly lens: Lens;
  readonly spot: Spot | undefined;
  onLens(lens: Lens): void;
  onSpot(spot: Spot | undefined): void;
}

/** Arrows go from thing to thing, Enter picks it, + and - zoom around it, 0 shows all. False: not a key of the figure. */
function keyed(key: string, { space, scale, lens, spot, onLens, onSpot }: Keyed): boolean {
  const centre =
    spot === undefined ? (lens.from + lens.to) / 2 : around(scale, spot.address, spot.address + 1n);
  const middle = typeof centre === 'number' ? centre : (centre.from + centre.to) / 2;
  const go = (by: 1 | -1): void => {
    const next = neighbour(space, spot, by);
    onSpot(next);
    const { from, to } = around(scale, next.address, next.address + 1n);
    if (from < lens.from || to > lens.to) onLens(moved(lens, (from + to) / 2 - (lens.from + lens.to) / 2));
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowUp: () => go(1),
    ArrowDown: () => go(-1),
    '+': () => onLens(zoomed(lens, middle, 1 / 2)),
    '-': () => onLens(zoomed(lens, middle, 2)),
    '0': () => onLens(WHOLE),
    Enter: () => spot && select(selectionOf(space, spot)),
    Escape: () => onSpot(undefined),
  };
  keys[key]?.();
  return keys[key] !== undefined;
}

/** The next thing above or below: a piece, or a region that has none. */
function neighbour(space: AddressSpace, spot: Spot | undefined, by: 1 | -1): Spot {
  const stops = space.regions.flatMap((region) =>
    region.pieces.length > 0 ? region.pieces.map(({ start }) => start) : region.isHole ? [] : [region.start],
  );
  const here = spot?.address ?? (by === 1 ? -1n : space.regions.at(-1)!.end);
  const next = by === 1 ? stops.find((stop) => stop > here) : stops.findLast((stop) => stop < here);
  return spotAt(space, next ?? (by === 1 ? stops[0]! : stops.at(-1)!));
}

interface LabelsProps {
  readonly space: AddressSpace;
  readonly scale: Scale;
  readonly lens: Lens;
  readonly height: number;
  readonly width: number;
  onLens(lens: Lens): void;
}

const LINE_PX = 15;
const SMALL_LINE_PX = 10;

/** Names of regions, which zoom to them, and the addresses where they begin; where there is no room, for readers only. */
function Labels({ space, scale, lens, height, width, onLens }: LabelsProps) {
  const { bar, pieces } = columnsOf(width, space.wordBits);
  let lastAddress = Number.POSITIVE_INFINITY;
  return (
    <ol class="space-labels">
      {space.regions.toReversed().map((region) => {
        const top = Math.max(0, yOf(scale, lens, height, region.end));
        const bottom = Math.min(height, yOf(scale, lens, height, region.start));
        if (bottom <= 0 || top >= height || bottom <= top) return null;
        const room = bottom - top;
        const showsAddress = bar > 0 && lastAddress - LINE_PX > -bottom && bottom > LINE_PX;
        if (showsAddress) lastAddress = -bottom;
        return (
          <li key={`${region.start}`} style={{ top: `${top}px`, height: `${room}px` }}>
            {showsAddress && (
              <span class="mono space-address" style={{ width: `${bar - 6}px` }}>
                {addressText(region.start, space.wordBits)}
              </span>
            )}
            {!region.isHole && (
              <button
                type="button"
                class={`plain space-name${roomClass(room)}`}
                style={{ left: `${bar + 8}px`, maxWidth: `${pieces - bar - 12}px` }}
                title={`${region.meaning} (zooms to it)`}
                onClick={() => onLens(around(scale, region.start, region.end))}
              >
                {region.name}
                {room >= 2 * LINE_PX && (
                  <span class="space-figures">
                    {sizeText(region)}
                    {isUsed(region) && `, ${bytesText(region.usedBytes!)} used`}
                  </span>
                )}
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function roomClass(px: number): string {
  if (px >= LINE_PX) return '';
  return px >= SMALL_LINE_PX ? ' space-name-small' : ' hidden-label';
}

/** Of the direct map all is used, by what it is. */
function isUsed({ usedBytes = 0, kind }: SpaceRegion): boolean {
  return usedBytes > 0 && kind !== 'direct';
}

interface NoteProps {
  readonly spot: Spot;
  readonly space: AddressSpace;
  readonly y: number;
  readonly height: number;
}

/** What is where the pointer is. */
function Note({ spot: { address, region, piece }, space, y, height }: NoteProps) {
  const hex = (at: bigint): string => addressText(at, space.wordBits);
  const what = piece ?? region;
  const isLow = y > height / 2;
  return (
    <div
      class="note space-note"
      role="status"
      style={isLow ? { bottom: `${Math.max(0, height - y) + 10}px` } : { top: `${Math.max(0, y) + 14}px` }}
    >
      <p class="mono">{hex(address)}</p>
      <p>
        <strong>{piece === undefined ? region.name : piece.name}</strong>
        {piece !== undefined && piece.protection !== '' && <span class="mono"> {piece.protection}</span>}
        {piece !== undefined && <span class="muted"> in {region.name}</span>}
      </p>
      <p class="mono muted">
        {hex(what.start)} – {hex(what.end)}
      </p>
      <p>
        {sizeText(what)}
        {piece?.residentBytes !== undefined && `, ${bytesText(piece.residentBytes)} in memory`}
        {piece?.swappedBytes !== undefined &&
          piece.swappedBytes > 0 &&
          `, ${bytesText(piece.swappedBytes)} swapped`}
        {piece?.mappedBy !== undefined && `, by pages of ${bytesText(piece.mappedBy)}`}
      </p>
      {piece === undefined && <p class="muted">{region.meaning}</p>}
    </div>
  );
}
