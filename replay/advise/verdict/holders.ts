/** Who holds the memory at the failure, and what of it the kernel could have taken back. */
import type { FailureReport } from '../../../traces/index.ts';
import type { ReportVerdict } from './main-verdict.ts';

/** In KiB. */
export interface Holder {
  readonly what: string;
  readonly kib: number;
}

/** In the words of the report: `totals` are pages of the machine, `sizes` KiB of a zone. */
const SHARES: readonly (readonly [what: string, names: readonly string[]])[] = [
  ['processes', ['active_anon', 'inactive_anon']],
  ['page cache', ['active_file', 'inactive_file']],
  ['processes and page cache', ['active', 'inactive']],
  ['slab, to be freed', ['slab_reclaimable']],
  ['slab, in use', ['slab_unreclaimable']],
  ['slab', ['slab']],
  ['page tables', ['pagetables', 'sec_pagetables']],
  ['kernel stacks', ['kernel_stack']],
];

/** Largest first; none where the report has no totals. */
export function holders({ totals, nodes, zones, pageKb }: FailureReport): Holder[] {
  const ofZones = (name: string): number => zones.reduce((sum, { sizes }) => sum + (sizes[name] ?? 0), 0);
  const kibOf = (name: string): number => {
    const pages = totals[name];
    return pages === undefined ? (nodes[name] ?? ofZones(name)) : pages * pageKb;
  };
  return SHARES.map(([what, names]) => ({ what, kib: names.reduce((sum, name) => sum + kibOf(name), 0) }))
    .filter(({ kib }) => kib > 0)
    .sort((a, b) => b.kib - a.kib);
}

/** Of the zone that decided: page cache and slabs that say so; undefined: its line does not tell. */
export function reclaimableKib({ report, verdict: { zone, node = 0 } }: ReportVerdict): number | undefined {
  const sizes = report.zones.find((one) => one.zone === zone && one.node === node)?.sizes;
  if (sizes === undefined || sizes.active_file === undefined) return undefined;
  return sizes.active_file + (sizes.inactive_file ?? 0) + (sizes.slab_reclaimable ?? 0);
}
