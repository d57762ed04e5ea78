/** What the caches of each cpu know of a page: the TLBs that hold it, and where a walk for it would begin. */
import type { CacheArray } from '../paging/arrangement.ts';
import { USER_VIEW } from '../paging/invalidate.ts';
import { WALK_CACHE_NAMES } from '../paging/options.ts';
import { keyBase, tlbParts } from '../paging/tlb.ts';
import { CPU, NR_ASIDS } from '../state/cpus.ts';
import type { Machine } from '../state/machine.ts';

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
  { cpus, platform }: Machine,
  cpu: number,
  mm: number | undefined,
): (readonly [CacheFacts['mode'], number])[] {
  const { kpti } = platform.mmu;
  if (mm === undefined) return [kpti ? ['kernel', cpus.get(cpu, CPU.asid)] : ['any', 0]];
  for (let i = 0; i < NR_ASIDS; i++) {
    if (cpus.get(cpu, CPU.asidMm + i) !== mm) continue;
    return kpti
      ? [
          ['kernel', i + 1],
          ['user', i + 1 + USER_VIEW],
        ]
      : [['any', i + 1]];
  }
  return [];
}

function knownOf(
  { platform: { mmu } }: Machine,
  tlb: Float64Array,
  asid: number,
  vpn: number,
  level: number,
): Pick<CacheFacts, 'tlbs' | 'walkCache' | 'entriesRead'> {
  const { levels } = mmu;
  const sizeClass = levels.length - 1 - level;
  const page = keyBase(asid, sizeClass) + Math.floor(vpn / levels[level]!.span);
  const tlbs = tlbArrays(mmu, sizeClass).filter(([, array]) => holds(tlb, array, page));
  let cache = sizeClass;
  while (cache < levels.length - 1 && !walkCacheKnows(mmu, tlb, asid, vpn, cache)) cache++;
  return {
    tlbs: tlbs.map(([name]) => name),
    walkCache: cache < levels.length - 1 ? WALK_CACHE_NAMES[cache] : undefined,
    entriesRead: cache - sizeClass + 1,
  };
}

type Mmu = Machine['platform']['mmu'];
type Cells = Omit<CacheArray, 'state'>;

function tlbArrays(mmu: Mmu, sizeClass: number): (readonly [name: string, array: Cells])[] {
  const { arrangement, l1i, l1d, l2 } = mmu;
  if (arrangement === undefined) {
    const parts = tlbParts(mmu);
    return [
      ['l1i', { ...l1i, first: parts.l1i }],
      ['l1d', { ...l1d, first: parts.l1d }],
      ['l2', { ...l2, first: parts.l2 }],
    ];
  }
  const names = ['l1i', 'l1d', 'l2', 'l2i'] as const;
  const own = names.filter((name) => !(name === 'l1i' && mmu.unifiedL1) && !(name === 'l2i' && !mmu.l2i));
  return own.map((name) => [name, arrangement[name][sizeClass]!]);
}

/** Whether the cache number `cache`, from the lowest up, has the entry above the page at its level. */
function walkCacheKnows(mmu: Mmu, tlb: Float64Array, asid: number, vpn: number, cache: number): boolean {
  const { arrangement, levels, pdeCache } = mmu;
  const entry = keyBase(asid, 0) + Math.floor(vpn / levels[levels.length - 2 - cache]!.span);
  if (arrangement !== undefined) return holds(tlb, arrangement.walk[cache]!, entry);
  if (cache > 0) return false;
  const key = Math.floor((keyBase(asid, 0) + vpn) / mmu.leafEntries);
  return holds(tlb, { ...pdeCache, first: tlbParts(mmu).walkKeys }, key);
}

function holds(tlb: Float64Array, { first, sets, ways }: Cells, key: number): boolean {
  const set = first + (key & (sets - 1)) * ways;
  return tlb.subarray(set, set + ways).some((held) => Math.abs(held) === key);
}
