/** For whom frames are kept that nobody is ever given. */
import { memoryAtBoot } from '../boot/platform.ts';
import { poolFrames } from '../dma/bounce-pool.ts';
import type { PfnRange } from '../layout/page-frames.ts';
import type { Machine } from '../machine/machine.ts';
import { PAGES_VAR } from '../pages/state.ts';

export type ReservedFor =
  | 'zero page'
  | 'huge zero page'
  | 'bounce buffers'
  | 'kernel image'
  | 'firmware'
  /** Taken from CMA at boot, for buffers that are wanted where nobody may wait. */
  | 'atomic pool'
  /** A kernel found them for CMA, and forgot them. */
  | 'lost by CMA'
  /** A machine that begins as a snapshot was: in use when it was taken. */
  | 'in use before'
  | 'memory map';

export interface Reservation extends PfnRange {
  readonly kept: ReservedFor;
}

/** Of a reserved frame the first that it lies in tells; the last one is all frames. */
export function reservations(machine: Machine): readonly Reservation[] {
  const { platform, vars } = machine;
  const { layout, zeroPfn, bouncePool, cma, thp } = platform;
  const { kernelImage, arch, pageShift } = layout;
  const hugeZero = vars[PAGES_VAR.hugeZeroPfn]!;
  const frames = (bytes: bigint | number): number => Math.ceil(Number(bytes) / 2 ** pageShift);
  const as = (kept: ReservedFor, { start, end }: PfnRange): Reservation => ({ kept, start, end });
  return [
    as('zero page', { start: zeroPfn, end: zeroPfn + 1 }),
    // Frame 0 is firmware's.
    ...(hugeZero === 0 ? [] : [as('huge zero page', { start: hugeZero, end: hugeZero + thp!.nrPages })]),
    ...(bouncePool === undefined ? [] : [as('bounce buffers', poolFrames(bouncePool, pageShift))]),
    as('kernel image', { start: frames(kernelImage.start), end: frames(kernelImage.end) }),
    as('firmware', { start: 0, end: frames(arch.port.lowReservedBytes) }),
    ...(cma?.lost ?? []).map((range) => as('lost by CMA', range)),
    ...usedBefore(machine).map((range) => as('in use before', range)),
    ...(cma?.areas ?? []).map((range) => as('atomic pool', range)),
    as('memory map', { start: 0, end: Number.POSITIVE_INFINITY }),
  ];
}

/** What the allocators began with, and have not, since a snapshot had it in use. */
function usedBefore({ platform: { layout, options } }: Machine): readonly PfnRange[] {
  if (options.memory === undefined) return [];
  const { free, cma } = memoryAtBoot(layout, options);
  return [...free, ...(cma?.areas ?? [])];
}

/** For whom a reserved frame is kept. */
export function reservedFor(of: readonly Reservation[], pfn: number): ReservedFor {
  return of.find(({ start, end }) => start <= pfn && pfn < end)!.kept;
}
