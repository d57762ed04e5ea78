/** What the caches of each cpu know of a page: the TLBs that hold it, and where a walk for it would begin. */

import type { Machine } from '../machine/machine.ts';
import { asidOf } from '../paging/asids.ts';
import { USER_VIEW } from '../paging/invalidate.ts';
import { CPU } from '../state/cpus.ts';

export interface CacheFacts {
  readonly cpu: number;
  /** With page-table isolation a page may be known on either root. */
  readonly mode: 'any' | 'kernel' | 'user';
  /** l1i, l1d, l2, l2i: those that hold the page. */
  readonly tlbs: readonly string[];
  /** The walk cache that would shorten a walk most; undefined: it would begin at the root. */
  readonly walkCache: string | undefined;
  /** Page-table entries that a walk would read. */
  readonly entriesRead: number;
}

/** Of a mapped page: `level` is where its entry was found, `mm` whose page it is (undefined: the kernel's). */
export function explainCaches(
  machine: Machine,
  vpn: number,
  level: number,
  mm: number | undefined,
): CacheFacts[] {
  return machine.tlbs.flatMap((tlb, cpu) => {
    if (tlb === undefined) return [];
    return asidsOf(machine, cpu, mm).map(([mode, asid]) => ({
      cpu,
      mode,
      ...knownOf(machine, tlb, asid, vpn, level),
    }));
  });
}

/** Under which asids a cpu may know the page. */
function asidsOf(
  machine: Machine,
  cpu: number,
  mm: number | undefined,
): (readonly [CacheFacts['mode'], number])[] {
  const { cpus, platform } = machine;
  const { kpti } = platform.mmu;
  if (mm === undefined) return [kpti ? ['kernel', cpus.get(cpu, CPU.asid)] : ['any', 0]];
  const asid = asidOf(machine, cpu, mm);
  if (asid === 0) return [];
  return kpti
    ? [
        ['kernel', asid],
        ['user', asid + USER_VIEW],
      ]
    : [['any', asid]];
}

function knownOf(
  { platform: { mmu } }: Machine,
  cells: Float64Array,
  asid: number,
  vpn: number,
  level: number,
): Pick<CacheFacts, 'tlbs' | 'walkCache' | 'entriesRead'> {
  const nrLevels = mmu.levels.length;
  const sizeClass = nrLevels - 1 - level;
  const ofPage = mmu.tlb
    .describe(cells)
    .filter((entry) => entry.asid === asid && entry.vpn <= vpn && vpn < entry.vpn + entry.nrPages);
  const tlbs = ofPage.filter((entry) => entry.part.holds === 'pages' && entry.sizeClass === sizeClass);
  const tables = ofPage.filter((entry) => entry.part.holds === 'tables' && entry.sizeClass > sizeClass);
  const lowest = tables.sort((a, b) => a.sizeClass - b.sizeClass)[0];
  return {
    tlbs: tlbs.map(({ part }) => part.name),
    walkCache: lowest?.part.name,
    entriesRead: (lowest?.sizeClass ?? nrLevels) - sizeClass,
  };
}
