/**
 * Linux of any version from 2.6 to 7.x, as 6.1 with what that version has instead: a table an item, each entry with the
 * place in the sources. Where windows lie is in x86-windows-32.ts and x86-windows-64.ts.
 *
 * Left out: how lists of a cpu took turns in a drain before 5.18; struct page and the reserves of atomic requests are
 * those of 6.1.
 */
import { UsageError } from '../base/errors.ts';
import { type Era, inEra } from './eras.ts';
import type { HugeAlignment, Kernel, WatermarkRules } from './kernel.ts';
import { LINUX_6_1 } from './linux-6.1.ts';
import { oldPcpRules, PCP_6_1, PCP_6_7, type PcpRules } from './pcp-rules.ts';
import { isSince, type LinuxVersion, parseVersion, versionText } from './version.ts';

/** The oldest one that the tables know. */
const OLDEST: LinuxVersion = { major: 2, minor: 6, patch: 0 };
const NEWEST_MAJOR = 7;

/** Versions of which a booted kernel told where its windows lie. */
const WINDOWS_CHECKED = ['2.6.20', '2.6.31', '2.6.35', '3.9', '3.12', '5.1', '7.1'];

const FIRST_PAGES: readonly Era<Pick<Kernel, 'reservesFirstPage' | 'believesFirmware'>>[] = [
  {
    since: '2.6.34',
    value: { reservesFirstPage: true, believesFirmware: false },
    source: 'arch/x86/kernel/setup.c, trim_bios_range()',
  },
  {
    since: '2.6.0',
    value: { reservesFirstPage: false, believesFirmware: true },
    source: 'arch/x86/kernel/e820.c: the map as the firmware gives it',
  },
];

const HOLES: readonly Era<boolean>[] = [
  { since: '3.9', value: false, source: 'arch/x86/mm/init.c, init_mem_mapping()' },
  { since: '2.6.0', value: true, source: 'arch/x86/mm/init_32.c, kernel_physical_mapping_init()' },
];

const SYNCS: readonly Era<Kernel['kernelEntrySync']>[] = [
  { since: '5.8', value: 'eager', source: 'mm/vmalloc.c, arch_sync_kernel_mappings()' },
  { since: '2.6.0', value: 'fault', source: 'arch/x86/mm/fault.c, vmalloc_fault()' },
];

const VMALLOCS: readonly Era<Pick<Kernel['vmalloc'], 'startIsAligned' | 'optionExcludesHole'>>[] = [
  {
    since: '2.6.27',
    value: { startIsAligned: false, optionExcludesHole: true },
    source: 'include/asm-x86/pgtable_32.h, VMALLOC_START; arch/x86/mm/pgtable_32.c, parse_vmalloc()',
  },
  {
    since: '2.6.0',
    value: { startIsAligned: true, optionExcludesHole: false },
    source: 'include/asm-i386/pgtable.h, VMALLOC_START; arch/i386/kernel/setup.c',
  },
];

const MOST_FREE_KIB: readonly Era<number>[] = [
  { since: '5.7', value: 262_144, source: 'mm/page_alloc.c, init_per_zone_wmark_min()' },
  { since: '2.6.0', value: 65_536, source: 'mm/page_alloc.c, init_per_zone_pages_min()' },
];

const SCALE_FACTORS: readonly Era<number>[] = [
  { since: '4.6', value: 10, source: 'mm/page_alloc.c, watermark_scale_factor' },
  { since: '2.6.0', value: 0, source: 'mm/page_alloc.c, setup_per_zone_wmarks(): a quarter of min' },
];

const KHUGEPAGED: readonly Era<WatermarkRules['khugepagedZones']>[] = [
  { since: '4.17', value: 'low', source: 'mm/khugepaged.c, set_recommended_min_free_kbytes()' },
  { since: '2.6.38', value: 'all', source: 'mm/khugepaged.c, set_recommended_min_free_kbytes()' },
  { since: '2.6.0', value: 'none', source: 'no transparent huge pages' },
];

const PCPS: readonly Era<PcpRules>[] = [
  { since: '6.7', value: PCP_6_7, source: 'mm/page_alloc.c, nr_pcp_high(); mm/Kconfig, PCP_BATCH_SCALE_MAX' },
  { since: '5.14', value: PCP_6_1, source: 'mm/page_alloc.c, zone_highsize(), pcp_allowed_order()' },
  { since: '4.19', value: oldPcpRules(2 ** 20), source: 'mm/page_alloc.c, zone_batchsize()' },
  { since: '2.6.0', value: oldPcpRules(2 ** 19), source: 'mm/page_alloc.c, zone_batchsize()' },
];

const CMA_BALANCES: readonly Era<boolean>[] = [
  { since: '5.8', value: true, source: 'mm/page_alloc.c, __rmqueue()' },
  { since: '2.6.0', value: false, source: 'mm/page_alloc.c, __rmqueue_cma_fallback(), fallbacks[]' },
];

const STACK_GUARDS: readonly Era<number>[] = [
  { since: '4.12', value: 256, source: 'mm/mmap.c, stack_guard_gap' },
  { since: '2.6.36', value: 1, source: 'mm/memory.c, check_stack_guard_page()' },
  { since: '2.6.0', value: 0, source: 'mm/mmap.c, expand_stack()' },
];

const HUGE_ALIGNMENTS: readonly Era<HugeAlignment>[] = [
  {
    since: '6.13',
    value: { files: true, anonymous: 'whole', on32Bits: false, keepsTop: true },
    source: 'mm/mmap.c, __get_unmapped_area(): IS_ALIGNED(len, PMD_SIZE)',
  },
  {
    since: '6.8',
    value: { files: true, anonymous: 'large', on32Bits: false, keepsTop: true },
    source: 'mm/huge_memory.c, __thp_get_unmapped_area(): CONFIG_64BIT, MMF_TOPDOWN',
  },
  {
    since: '6.7',
    value: { files: true, anonymous: 'large', on32Bits: true, keepsTop: false },
    source: 'mm/mmap.c, get_unmapped_area()',
  },
  {
    since: '5.18',
    value: LINUX_6_1.hugeAlignment,
    source: 'mm/huge_memory.c, thp_get_unmapped_area(): for files other than of DAX',
  },
  {
    since: '2.6.0',
    value: { files: false, anonymous: 'none', on32Bits: false, keepsTop: false },
    source: 'mm/huge_memory.c, thp_get_unmapped_area(): only where IS_DAX()',
  },
];

/** Before 5.8 a huge page was copied whole as well, which is not kept here. */
const HUGE_ZERO_WRITES: readonly Era<Kernel['hugeZeroWrite']>[] = [
  { since: '6.13', value: 'huge', source: 'mm/huge_memory.c, do_huge_zero_wp_pmd()' },
  {
    since: '2.6.0',
    value: LINUX_6_1.hugeZeroWrite,
    source: 'mm/huge_memory.c, do_huge_pmd_wp_page() of 6.1',
  },
];

/** THREAD_SIZE, in bytes for a byte of a pointer. */
const STACKS: readonly Era<{ readonly of32: number; readonly of64: number }>[] = [
  {
    since: '3.15',
    value: { of32: 8192, of64: 16_384 },
    source: 'arch/x86/include/asm/page_64_types.h, THREAD_SIZE_ORDER',
  },
  {
    since: '2.6.0',
    value: { of32: 8192, of64: 8192 },
    source: 'arch/x86/include/asm/page_64_types.h, THREAD_ORDER',
  },
];

/** The kernel of a version; that of 6.1 is the checked one itself. */
export function linuxKernel(version: LinuxVersion): Kernel {
  const name = `linux-${versionText(version)}`;
  if (name === LINUX_6_1.name) return LINUX_6_1;
  const made = known.get(name) ?? kernelOf(name, version);
  known.set(name, made);
  return made;
}

/** One object a version, so that two layouts on one kernel have the same. */
const known = new Map<string, Kernel>();

function kernelOf(name: string, version: LinuxVersion): Kernel {
  const stacks = inEra(STACKS, version);
  return {
    ...LINUX_6_1,
    name,
    version,
    checked: WINDOWS_CHECKED.includes(versionText(version)) ? 'windows' : 'none',
    ...inEra(FIRST_PAGES, version),
    mapsMemoryHoles: inEra(HOLES, version),
    kernelEntrySync: inEra(SYNCS, version),
    vmalloc: { ...LINUX_6_1.vmalloc, ...inEra(VMALLOCS, version) },
    watermarks: watermarksOf(version),
    pcp: inEra(PCPS, version),
    balancesCma: inEra(CMA_BALANCES, version),
    userSpace: { ...LINUX_6_1.userSpace, stackGuardPages: inEra(STACK_GUARDS, version) },
    hugeAlignment: inEra(HUGE_ALIGNMENTS, version),
    hugeZeroWrite: inEra(HUGE_ZERO_WRITES, version),
    kernelStackBytes: (pointerBytes) => (pointerBytes === 4 ? stacks.of32 : stacks.of64),
  };
}

function watermarksOf(version: LinuxVersion): WatermarkRules {
  const { watermarks } = LINUX_6_1;
  return {
    ...watermarks,
    minFreeKib: { ...watermarks.minFreeKib, most: inEra(MOST_FREE_KIB, version) },
    scaleFactor: inEra(SCALE_FACTORS, version),
    khugepagedZones: inEra(KHUGEPAGED, version),
  };
}

/** The version that a text names, if vmsplit knows how its kernel is made: 2.6.0 to 7.x. */
export function knownVersion(text: string): LinuxVersion | undefined {
  const version = parseVersion(text.replace(/^linux-/i, ''));
  if (version === undefined || !isSince(version, OLDEST) || version.major > NEWEST_MAJOR) return undefined;
  return version;
}

export function isKernelVersion(text: string): boolean {
  return knownVersion(text) !== undefined;
}

/** The same for who insists. @throws UsageError */
export function kernelNamed(text: string, place = 'kernel'): Kernel {
  const version = knownVersion(text);
  if (version !== undefined) return linuxKernel(version);
  throw new UsageError(
    `${place}: found '${text}', expected a version of Linux from 2.6.0 to ${NEWEST_MAJOR}.x, such as 2.6.31, 4.19 or 6.12`,
  );
}

/** `as Linux 5.15, unchecked`: what an answer has to say of a kernel that was not compared; undefined of others. */
export function uncheckedText({ name, version, checked }: Kernel): string | undefined {
  if (!name.startsWith('linux-') || checked === 'all') return undefined;
  const as = `as Linux ${versionText(version)}`;
  return checked === 'windows' ? `${as}: compared where its windows lie, else unchecked` : `${as}, unchecked`;
}
