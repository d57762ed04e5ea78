/**
 * Physical memory as a map of cells, each 2^k page frames, coloured by what the frames are used for, who owns them, their
 * migrate type or their age; with it the zones, and the free blocks of each order as /proc/buddyinfo counts them.
 */
import { firstPfn } from '../../../core/layout/convert.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import { freeBlocks, freeBlocksOfType, migrateTypes } from '../../views/free-counts.ts';
import { CellCounts } from './cells.ts';
import { AGE_CLASSES, paintAges } from './colour-age.ts';
import { ownerClasses, paintOwners } from './colour-owner.ts';
import { paintTypes, typeClasses } from './colour-type.ts';
import { paintUses, USE_CLASSES } from './colour-use.ts';

export const FRAME_COLOURS = ['use', 'owner', 'type', 'age'] as const;
export type FrameColour = (typeof FRAME_COLOURS)[number];

export interface PhysicalRequest {
  readonly colourBy: FrameColour;
  /** At most so many, and no more than MOST_CELLS. */
  readonly cells: number;
  /** Frames [firstPfn, endPfn); all that the kernel counts, if not given. */
  readonly firstPfn?: number;
  readonly endPfn?: number;
}

export interface FrameClass {
  readonly name: string;
  /** In what is shown. */
  readonly frames: number;
}

export interface ZoneFacts {
  readonly name: string;
  readonly startPfn: number;
  readonly endPfn: number;
  /** Frames that exist, and those that the allocator was given. */
  readonly presentPages: number;
  readonly managedPages: number;
  readonly freePages: number;
  /** Watermarks, in pages. */
  readonly min: number;
  readonly low: number;
  readonly high: number;
  /** By order: free blocks, of all types and of each that has any. */
  readonly freeBlocks: readonly number[];
  readonly byType: readonly { readonly type: string; readonly freeBlocks: readonly number[] }[];
}

export interface PhysicalMap {
  readonly pageBytes: number;
  readonly colourBy: FrameColour;
  readonly firstPfn: number;
  readonly endPfn: number;
  /** Cell i stands for the frames of [firstPfn, endPfn) that begin at (i + floor(firstPfn / this)) * this. */
  readonly framesPerCell: number;
  /** By cell: the class of most of its frames, and their share in 255ths. */
  readonly classOf: Uint8Array;
  readonly shares: Uint8Array;
  readonly classes: readonly FrameClass[];
  readonly zones: readonly ZoneFacts[];
}

/** Finer than a screen has room for. */
export const MOST_CELLS = 2 ** 18;

export function physicalMapOf(machine: Machine, request: PhysicalRequest): PhysicalMap {
  const { layout } = machine.platform;
  const { colourBy } = request;
  const first = Math.max(0, request.firstPfn ?? firstPfn(layout));
  const end = Math.max(first + 1, request.endPfn ?? layout.maxPfn);
  const most = Math.min(Math.max(1, request.cells), MOST_CELLS);
  const { names, paint } = paintOf(machine, colourBy);
  const cells = new CellCounts(first, end, most, names.length);
  paint(cells);
  const { classOf, shares, frames } = cells.result();
  return {
    pageBytes: 2 ** layout.pageShift,
    ...{ colourBy, firstPfn: first, endPfn: end, framesPerCell: cells.framesPerCell },
    ...{ classOf, shares },
    classes: names.map((name, cls) => ({ name, frames: frames[cls]! })),
    zones: machine.platform.zones.map((zone) => zoneFacts(machine, zone)),
  };
}

interface Paint {
  readonly names: readonly string[];
  paint(cells: CellCounts): void;
}

function paintOf(machine: Machine, colourBy: FrameColour): Paint {
  switch (colourBy) {
    case 'use':
      return { names: USE_CLASSES, paint: (cells) => paintUses(machine, cells) };
    case 'type':
      return { names: typeClasses(machine), paint: (cells) => paintTypes(machine, cells) };
    case 'age':
      return { names: AGE_CLASSES, paint: (cells) => paintAges(machine, cells) };
    case 'owner': {
      const owners = ownerClasses(machine);
      return { names: owners.names, paint: (cells) => paintOwners(machine, cells, owners) };
    }
  }
}

/** Of every zone that has memory, lowest first. */
export function zoneFacts(machine: Machine, zone: Zone): ZoneFacts {
  const { name, startPfn, spannedPages, presentPages, managedPages, min, low, high, index } = zone;
  const byType = migrateTypes(machine).map((type, i) => ({
    type,
    freeBlocks: freeBlocksOfType(machine, zone, i),
  }));
  return {
    ...{ name, startPfn, endPfn: startPfn + spannedPages, presentPages, managedPages, min, low, high },
    freePages: freePagesOf(machine, index),
    freeBlocks: freeBlocks(machine, zone),
    byType: byType.filter(({ freeBlocks }) => freeBlocks.some((blocks) => blocks > 0)),
  };
}
