/** Whether and how a machine reclaims pages: options of the administrator (swapon, vm.swappiness). */
import { UsageError } from '../base/errors.ts';

export interface ReclaimOptions {
  /** Size of the swap area in bytes; none by default. */
  readonly swapBytes?: bigint;
  /** vm.swappiness: 0 to 200, how readily anonymous pages go instead of file pages; 60 by default (mm/vmscan.c, v6.1). */
  readonly swappiness?: number;
  /** vm.page-cluster: a page that is read from the swap area brings its neighbours, 2^this at most; 3 by default. */
  readonly pageCluster?: number;
}

export interface ReclaimSettings {
  /** Slots of the swap area, one a page, without the first, which holds its header. */
  readonly swapSlots: number;
  readonly swappiness: number;
  /** Pages that a swap-in reads at most. */
  readonly swapReadahead: number;
}

/** vm_swappiness (mm/vmscan.c) and its bounds (kernel/sysctl.c), v6.1. */
const DEFAULT_SWAPPINESS = 60;
export const MOST_SWAPPINESS = 200;
/** page_cluster of mm/swap.c (2 below 16 MiB), and page_cluster_max of kernel/sysctl.c, v6.1. */
const DEFAULT_PAGE_CLUSTER = 3;
const MOST_PAGE_CLUSTER = 31;
/** Slot numbers fit into an entry, and into the rows of a table. */
const MOST_SLOTS = 2 ** 28;

export function reclaimSettings(
  options: ReclaimOptions | undefined,
  pageShift: number,
): ReclaimSettings | undefined {
  if (options === undefined) return undefined;
  const { swapBytes = 0n, swappiness = DEFAULT_SWAPPINESS, pageCluster = DEFAULT_PAGE_CLUSTER } = options;
  const swapSlots = Math.max(0, Number(swapBytes >> BigInt(pageShift)) - 1);
  if (!Number.isInteger(swappiness) || swappiness < 0 || swappiness > MOST_SWAPPINESS)
    throw new UsageError(`swappiness ${swappiness}: expected a whole number from 0 to ${MOST_SWAPPINESS}`);
  if (swapSlots > MOST_SLOTS)
    throw new UsageError(`swap area of ${swapBytes} bytes: expected at most ${MOST_SLOTS} pages`);
  if (!Number.isInteger(pageCluster) || pageCluster < 0 || pageCluster > MOST_PAGE_CLUSTER)
    throw new UsageError(
      `page cluster ${pageCluster}: expected a whole number from 0 to ${MOST_PAGE_CLUSTER}`,
    );
  return { swapSlots, swappiness, swapReadahead: 2 ** pageCluster };
}
