/**
 * Per-cpu page lists: how many pages move at a time between a cpu's lists and the buddy allocator, and how many a cpu
 * may keep. What a version decides once, at boot (zone_batchsize, zone_highsize of mm/page_alloc.c).
 */

export interface PcpRules {
  /** Pages of a batch, for a zone of so many managed pages. */
  batch(managedPages: number, pageShift: number): number;
  /** Pages on a cpu's lists at which some go back. `lowPages`: the zone's low mark. */
  high(lowPages: number, batch: number, cpus: number): number;
  /** Blocks up to this order are kept; of more than one page, and then huge pages too, since 5.14. */
  readonly maxOrder: 0 | 3;
  /** Batches by which refills and drains may grow, log2 (CONFIG_PCP_BATCH_SCALE_MAX); undefined: they are fixed. */
  readonly batchScaleMax: number | undefined;
}

/** Linux 6.1: a 4096th of the zone, at most 256 KiB, made one less than a power of two; at least one page. */
export const PCP_6_1: PcpRules = {
  batch(managedPages, pageShift) {
    const quarter = Math.max(Math.min(managedPages >>> 10, (2 ** 20) >>> pageShift) >>> 2, 1);
    return Math.max((1 << (31 - Math.clz32(quarter + (quarter >>> 1)))) - 1, 1);
  },
  high: (lowPages, batch, cpus) => Math.max(Math.floor(lowPages / cpus), 4 * batch),
  maxOrder: 3,
  batchScaleMax: undefined,
};

/** Before 5.14: single pages only; half a MiB or, from 4.19 on, a MiB at most; a cpu keeps six batches (pageset_set_batch). */
export function oldPcpRules(mostBytes: number): PcpRules {
  return {
    batch(managedPages, pageShift) {
      const quarter = Math.max(Math.min(managedPages >>> 10, mostBytes >>> pageShift) >>> 2, 1);
      return Math.max((1 << (31 - Math.clz32(quarter + (quarter >>> 1)))) - 1, 1);
    },
    high: (_lowPages, batch) => 6 * batch,
    maxOrder: 0,
    batchScaleMax: undefined,
  };
}

/** Linux 6.7 and later: lists that adapt to the load (mm/Kconfig: PCP_BATCH_SCALE_MAX). */
export const PCP_6_7: PcpRules = { ...PCP_6_1, batchScaleMax: 5 };

/** nr_pcp_alloc(): blocks of 2^order pages that one batch is, at least two where there is more than one page to it. */
export function blocksOfBatch(batch: number, order: number): number {
  return batch > 1 ? Math.max(batch >>> order, 2) : 1;
}
