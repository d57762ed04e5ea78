/**
 * Architectures and kernels as records: machines that nobody has built, defined here and nowhere else, boot and run.
 * A layout of the catalog goes under another kernel.
 * One has its RAM at 0x80000000, tables that share a page and entries with inverted bits; one is OSTEP's with addresses
 * of 15 bits and pages of 32 bytes; one is a layout file whose physical memory begins above 0.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../core/arch/architecture.ts';
import { bitFormat } from '../../core/arch/entry-format.ts';
import { RADIX } from '../../core/arch/translation.ts';
import { X86_32 } from '../../core/arch/x86-32.ts';
import { bootMachine } from '../../core/boot/boot.ts';
import { checkMachine } from '../../core/check/invariants.ts';
import { KERNEL_MODE, READ, WRITE } from '../../core/event/access-mode.ts';
import { explainAddress } from '../../core/explain/explain.ts';
import type { Kernel } from '../../core/kernel/kernel.ts';
import { LINUX_6_1 } from '../../core/kernel/linux-6.1.ts';
import {
  buildCustomLayout,
  buildLayout,
  buildOwnLayout,
  contradictions,
  contradictionText,
  DIALECTS,
  type Dialect,
  exportLayout,
  type KernelImage,
  type Layout,
  layoutNameOf,
  parseLayoutFile,
  readMemoryReport,
  reportOptions,
  toyLayoutNames,
} from '../../core/layout/catalog/index.ts';
import { pa, pfnValid, va, virtAddrValid } from '../../core/layout/convert.ts';
import { CONTIGUOUS } from '../../core/layout/firmware/memory-map.ts';
import type { LayoutMember } from '../../core/layout/member.ts';
import { buildPlanned, type Ground, type LayoutPlan } from '../../core/layout/plan.ts';
import { region } from '../../core/layout/regions.ts';
import { machineBytes } from '../../core/machine/codec.ts';
import { freePagesOf, nrFree } from '../../core/phys/free-lists.ts';
import { pcpCount } from '../../core/phys/pcp-lists.ts';
import { CPUS_VAR } from '../../core/state/cpus.ts';
import { parseCpuinfo } from '../../replay/advise/board/cpuinfo.ts';
import { parseKernelConfig } from '../../replay/advise/board/kernel-config.ts';
import { candidates } from '../../replay/advise/cures/candidates.ts';
import { rulesFor } from '../../replay/advise/cures/rules.ts';
import { verdictOf } from '../../replay/advise/index.ts';
import { PROCESSORS, type ProcessorAdvice } from '../../replay/advise/processors/index.ts';
import { VIEWS } from '../../replay/views/index.ts';
import { REPORTING, type ReportingProcessor } from '../../traces/report/processors/index.ts';
import { failureReports } from '../../traces/report/reports.ts';
import { WORKLOADS } from '../../workloads/index.ts';
import { expectDeterminism, replay } from '../support/laws.ts';
import {
  access,
  device,
  dmaMap,
  HIGH,
  kmalloc,
  mmap,
  munmap,
  RUNNING,
  Session,
  type Step,
  vmalloc,
} from '../support/rows.ts';

const MIB = 1n << 20n;

describe('a layout of the catalog under another kernel', () => {
  const OLD: Kernel = {
    ...LINUX_6_1,
    name: 'linux-old',
    reservesFirstPage: false,
    vmalloc: { ...LINUX_6_1.vmalloc, startIsAligned: true, reserveBytes: 192n * MIB },
    watermarks: { ...LINUX_6_1.watermarks, minFreeKib: { least: 4096, most: 4096 } },
  };
  const layoutUnder = (kernel: Kernel) => buildLayout('linux-3g1g', { ramBytes: 2048n * MIB, kernel });

  test('computes its own windows and zones', () => {
    const [ours, old] = [layoutUnder(LINUX_6_1), layoutUnder(OLD)];
    expect(ours).toEqual(buildLayout('linux-3g1g', { ramBytes: 2048n * MIB }));
    expect(ours.maxMem - old.maxMem).toBe(64n * MIB);
    expect(old.vmalloc.start % (8n * MIB)).toBe(0n);
    expect([ours, old].map(({ zones }) => zones[0]!.startPfn)).toEqual([1, 0]);
    const { zones } = bootMachine(old).platform;
    const low = zones.filter(({ name }) => name !== 'HighMem');
    expect(low.reduce((sum, { min }) => sum + min, 0)).toBe(1023); // 4 MiB, rounded down in each of two zones
  });

  test('boots and runs, and frame 0 is nobody’s', () => {
    const session = new Session(bootMachine(layoutUnder(OLD)));
    session.given(...RUNNING, kmalloc(1, 4096), vmalloc(2, 2 ** 20), mmap(3, 4096), access(3, 0, 8, WRITE));
    expect(checkMachine(session.machine)).toEqual([]);
    expect(explainAddress(session.machine, 'physical', 0n, {}).frame).toMatchObject({
      ...{ zone: 'DMA', use: 'reserved', owner: 'first MiB, kept for firmware' },
    });
  });
});

/** A kernel image of equal sections. */
function imageAt(start: bigint, bytes: bigint): KernelImage {
  const quarter = bytes / 4n;
  const section = (n: bigint) => ({ start: start + n * quarter, end: start + (n + 1n) * quarter });
  const [code, rodata, data, bss] = [section(0n), section(1n), section(2n), section(3n)];
  return {
    ...{ start, end: start + bytes, brkEnd: start + bytes, realModePages: 0 },
    ...{ code, rodata, data, bss, idtTable: bss.start, rootTable: bss.start },
  };
}

function member(name: string, ground: Ground, kernel: Kernel, plan: LayoutPlan): LayoutMember {
  return {
    ...ground,
    kernel,
    name,
    family: 'own',
    title: name,
    booted: undefined,
    minimumRamBytes: 1n,
    machine: CONTIGUOUS,
    build: (input) => buildPlanned(plan, ground, input),
  };
}

/** Like 32-bit ARM: RAM at 2 GiB, a pair of tables in a page, a root of four pages, sections of 1 MiB. */
const TOY_ARCH: Architecture = {
  ...X86_32,
  name: 'toy',
  translation: {
    ...RADIX,
    levels: [
      { name: 'first', bits: 12 },
      { name: 'second', bits: 8, tablesPerPage: 2 },
    ],
    entryBytes: 4,
    largePageLevels: [0],
    nx: false,
  },
  entries: bitFormat({
    bits: { present: 1, user: 4, accessed: 5, large: 18 },
    inverted: { writable: 9, global: 11 },
    frameAt: 'address',
    frameBits: 32,
  }),
  asids: { count: 2, usual: true },
  port: {
    ...X86_32.port,
    zoneNames: ['Normal', 'HighMem'],
    lowReservedBytes: 0,
    firmwareWindow: undefined,
    fixedResources: [],
    hasHugePages: false,
    kmallocMinBytes: 64,
    cacheLineBytes: 32,
  },
};

const TOY_KERNEL: Kernel = {
  ...LINUX_6_1,
  name: 'toy-1.0',
  reservesFirstPage: false,
  kernelEntrySync: 'fault',
  maxOrder: 6,
  vmalloc: { ...LINUX_6_1.vmalloc, guardPages: 3 },
  pcp: { ...LINUX_6_1.pcp, batch: () => 4, high: () => 12 },
  userSpace: { ...LINUX_6_1.userSpace, mmapMinBytes: 4096n },
};

const BASE = 0x8000_0000n;
const TOY_GROUND: Ground = { arch: TOY_ARCH, physicalBase: BASE };
const TOY_PLAN: LayoutPlan = {
  userParts: undefined,
  segments: undefined,
  userRegions: [region('user', { start: 0n, end: 0xbf00_0000n })],
  pageOffset: 0xc000_0000n,
  taskSize: 0xbf00_0000n,
  stackTop: 0xbf00_0000n,
  mmapBase: 0xb000_0000n,
  textBase: 0x1_0000n,
  maxMem: 48n * MIB,
  lowMemoryEnd: 1n << 32n,
  memoryEnd: 1n << 32n,
  lowZones: [],
  vmalloc: { start: 0xf000_0000n, end: 0xf800_0000n },
  pkmap: { base: 0xfe00_0000n, slots: 512 },
  fixmap: { start: 0xfff0_0000n, end: 0xffff_f000n },
  fixmapTotalStart: 0xfff0_0000n,
  modules: { start: 0xbf00_0000n, end: 0xc000_0000n },
  otherRegions: [],
  structPageBytes: 32,
  kernelStackBytes: 8192,
  kernelImage: imageAt(BASE + 0x8000n, MIB),
};
const toyLayout = (): Layout =>
  buildOwnLayout(member('toy', TOY_GROUND, TOY_KERNEL, TOY_PLAN), { ramBytes: 64n * MIB });

const explained = ({ machine }: Session, address: bigint) => explainAddress(machine, 'virtual', address, {});

describe('a toy architecture under a toy kernel, RAM at 0x80000000', () => {
  const toy = (): Session => new Session(bootMachine(toyLayout()));

  test('zones and conversions begin at the first frame', () => {
    const layout = toyLayout();
    expect(layout.zones).toEqual([
      { name: 'Normal', startPfn: 0x80000, spannedPages: 12_288, presentPages: 12_288 },
      { name: 'HighMem', startPfn: 0x83000, spannedPages: 4096, presentPages: 4096 },
    ]);
    expect([pa(layout, 0xc000_1000n), va(layout, BASE + 0x1000n)]).toEqual([BASE + 0x1000n, 0xc000_1000n]);
    expect([0x7ffffn, 0x80000n, 0x83fffn, 0x84000n].map((pfn) => pfnValid(layout, pfn))).toEqual([
      ...[false, true, true, false],
    ]);
    expect([0xbfff_ffffn, 0xc000_0000n].map((at) => virtAddrValid(layout, at))).toEqual([false, true]);
  });

  test('sections map the direct map, and page tables come in pairs', () => {
    const { machine } = toy();
    expect(checkMachine(machine)).toEqual([]);
    const first = explainAddress(machine, 'virtual', 0xc020_0000n, {});
    expect(first.walk.map(({ level, page }) => [level, page?.bytes])).toEqual([['first', 2 ** 20]]);
    expect(first.physical).toBe(BASE + 0x20_0000n);
    expect(first.pa).toMatchObject({ legal: true, reason: 'address - PAGE_OFFSET + PHYS_OFFSET' });
    // Present, large, writable and global: the last two are bits that are clear.
    expect(first.walk[0]!.entry & 0xfffn).toBe(0x22n);
    expect(explainAddress(machine, 'physical', 0x1000n, {}).frame?.memory).toBe('device');
  });

  test('two neighbouring MiB share the page of their tables, and give it back together', () => {
    const session = toy().given(...RUNNING);
    const before = session.counter('pageTablePages');
    // Down from 0xb0000000: the last page of one MiB, then of the one below it, which lie in different pairs.
    session.given(mmap(1, 4096), access(1, 0, 8, WRITE));
    expect(session.counter('pageTablePages')).toBe(before + 1);
    session.given(mmap(2, 2 ** 20), access(2, 0, 8, WRITE));
    expect(session.counter('pageTablePages')).toBe(before + 1);
    session.given(mmap(3, 2 ** 20), access(3, 0, 8, WRITE));
    expect(session.counter('pageTablePages')).toBe(before + 2);
    expect(checkMachine(session.machine)).toEqual([]);
    session.given(munmap(3, 0, 2 ** 20), munmap(2, 0, 2 ** 20));
    expect(session.counter('pageTablePages')).toBe(before + 1);
    session.given(munmap(1, 0, 4096));
    expect(session.counter('pageTablePages')).toBe(before);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('the root of a process takes four pages, and fork copies what both tables of a pair map', () => {
    const session = toy();
    const before = session.counter('pageTablePages');
    session.given(...RUNNING);
    expect(session.counter('pageTablePages')).toBe(before + 4);
    session.given(mmap(1, 2 ** 20 + 4096), access(1, 0, 8, WRITE), access(1, 2 ** 20, 8, WRITE));
    session.given({ kind: 'fork', pid: 2 });
    expect(checkMachine(session.machine)).toEqual([]);
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('copy-on-write');
    session.given({ kind: 'switch', pid: 2 }, { kind: 'exit' }, { kind: 'switch', pid: 1 }, { kind: 'exit' });
    expect(session.counter('pageTablePages')).toBe(before);
  });

  test('the kernel decides: guard pages, the largest block, kmalloc sizes, entries brought by faults', () => {
    const session = toy().given(...RUNNING, vmalloc(1, 4096), vmalloc(2, 4096));
    const [a, b] = [1, 2].map((object) => session.machine.objects.get(object, 1));
    expect(b! - a!).toBe(1 + 3);
    expect(session.status({ kind: 'page_alloc', object: 3, order: 5, gfp: 0xcc0 })).toBe('ok');
    expect(session.status({ kind: 'page_alloc', object: 4, order: 6, gfp: 0xcc0 })).toBe('too-large');
    const names = session.machine.platform.kmallocCaches.map(({ name }) => name);
    expect(names.filter((name) => /^kmalloc-\d/.test(name))).toEqual([
      ...['kmalloc-64', 'kmalloc-128', 'kmalloc-192', 'kmalloc-256', 'kmalloc-512'],
      ...['kmalloc-1k', 'kmalloc-2k', 'kmalloc-4k', 'kmalloc-8k'],
    ]);
    const faults = session.counter('vmallocFaults');
    session.given(access(1, 0, 8, READ | KERNEL_MODE));
    expect(session.counter('vmallocFaults')).toBe(faults + 1);
  });

  test('blocks of more than 4 MiB, where the kernel has them', () => {
    const kernel = { ...TOY_KERNEL, maxOrder: 14 };
    const toyMember = member('toy', TOY_GROUND, kernel, TOY_PLAN);
    const layout = buildOwnLayout(toyMember, { ramBytes: 128n * MIB });
    const session = new Session(bootMachine(layout));
    const blocks = (order: number): number => nrFree(session.machine, 1, order);
    expect([11, 12, 13].map(blocks)).toEqual([0, 1, 2]);
    session.given({ kind: 'page_alloc', object: 1, order: 12, gfp: HIGH });
    session.given({ kind: 'page_alloc', object: 2, order: 12, gfp: HIGH });
    expect([12, 13].map(blocks)).toEqual([1, 1]);
    expect(checkMachine(session.machine)).toEqual([]);
    session.given({ kind: 'page_free', object: 1 }, { kind: 'page_free', object: 2 });
    expect([12, 13].map(blocks)).toEqual([1, 2]);
  });

  test('two asids: the third address space takes the place of the first', () => {
    const session = toy();
    for (const pid of [1, 2, 3]) session.given({ kind: 'spawn', pid });
    const flushes = (pid: number): number => {
      const before = session.counter('tlbFlushes');
      session.given({ kind: 'switch', pid });
      session.given(mmap(pid, 4096), access(pid, 0, 8, WRITE));
      return session.counter('tlbFlushes') - before;
    };
    expect([1, 2, 3].map(flushes)).toEqual([0, 0, 1]);
  });

  test.each(WORKLOADS)('$name runs, and the machine stays whole', (workload) => {
    const events = [...workload.generate(5, {}, 3000)];
    const { machine } = replay(bootMachine(toyLayout()), events, 500);
    expect(checkMachine(machine)).toEqual([]);
  });

  test('it is deterministic, in batches of any size', () => {
    expectDeterminism(() => bootMachine(toyLayout()), [...WORKLOADS[0]!.generate(2, {}, 2000)]);
  });

  test('what has no name in a table is not written to bytes', () => {
    expect(() => machineBytes(toy().machine)).toThrow(/found architecture toy under kernel toy-1.0/);
  });
});

/** How kernels of the toy tell of themselves, and what helps there: all that reading and advice need to know of it. */
const TOY_DIALECT: Dialect = {
  name: 'toy',
  wordBits: 32,
  machine: 'board',
  architectures: [TOY_ARCH],
  wideEntries: { name: 'TPAE' },
  log: {
    facts: { toyCpu: /Toy processor (\S{1,20}) at your service/ },
    told: [['toyCpu', 'toy processor']],
    signs: { ownLines: ({ facts }) => facts.toyCpu !== undefined },
    wideEntries: () => false,
    highmem: () => true,
    split: () => '3G',
    notes: () => ['toys have one split'],
  },
  listsIomem: (entries) => entries.some(({ name }) => name === 'Toy text'),
  cpuinfo: /^toy\s*: /m,
  config: { processor: 'TOY', wideEntries: 'TOY_TPAE' },
  layoutOf: () => 'linux-toy',
  untold: () => undefined,
};
const TOY_REPORTING: ReportingProcessor = {
  name: 'toy',
  sign: /^toy stack: /,
  forms: [
    {
      form: /^(\S{1,20}) is too far from the toy kernel/,
      request: ([module]) => ({ kind: 'module', arch: 'toy', module: module!, reason: 'section: far' }),
    },
  ],
};
const TOY_ADVICE: ProcessorAdvice = {
  dialect: TOY_DIALECT,
  modules: {
    place: 'in the toy box',
    holds: (start) => start === 0xbf00_0000n,
    cure: { name: 'a larger box', means: 'hardware', why: 'toys are small' },
  },
  farModules: { name: 'CONFIG_TOY_VENEERS=y', means: 'other build', why: 'veneers reach further' },
  widerLayout: 'linux-x86_64',
};

describe('a toy that speaks: no other file knows of it', () => {
  const dialects = [...DIALECTS, TOY_DIALECT];
  const LOG = `Linux version 6.1.0-toy
Toy processor T-9000 at your service
  node   0: [mem 0x80000000-0x83ffffff]
    vmalloc : 0xf0000000 - 0xf9000000   ( 144 MB)
`;
  const toyMember = member('linux-toy', TOY_GROUND, LINUX_6_1, TOY_PLAN);

  test('its boot log is read, and its layout compared with what it says', () => {
    const report = readMemoryReport(LOG, dialects);
    expect(report).toMatchObject({ machine: 'board', split: '3G', highmem: true, wideEntries: false });
    expect([report.dialect, report.notes]).toEqual([TOY_DIALECT, ['toys have one split']]);
    expect(report.findings).toContainEqual({ what: 'toy processor', value: 'T-9000', line: 2 });
    expect(layoutNameOf(report)).toBe('linux-toy');
    const layout = buildOwnLayout(toyMember, reportOptions(report));
    expect(layout.ram).toEqual([{ start: BASE, end: BASE + 64n * MIB }]);
    expect(contradictions(layout, report).map(contradictionText)).toEqual([
      'predicted vmalloc window 0xf0000000..0xf8000000, the log says 0xf0000000..0xf9000000 (line 4)',
    ]);
    // To those who do not know it, it is a board of some processor.
    expect(readMemoryReport(LOG).dialect).toBeUndefined();
  });

  test('so are /proc/iomem, /proc/cpuinfo and its configuration', () => {
    const iomem = '80000000-83ffffff : System RAM\n  80008000-800fffff : Toy text\n';
    expect(readMemoryReport(iomem, dialects)).toMatchObject({ machine: 'board', dialect: TOY_DIALECT });
    expect(parseCpuinfo('processor\t: 0\ntoy\t: T-9000\n', dialects)).toEqual({
      dialects: [TOY_DIALECT],
      cpus: 1,
    });
    const config =
      '# Linux/toy 6.1.0 Kernel Configuration\nCONFIG_TOY=y\nCONFIG_TOY_TPAE=y\nCONFIG_HIGHMEM=y\n';
    expect(parseKernelConfig(config, dialects)).toMatchObject({
      ...{ dialect: TOY_DIALECT, wideEntries: true, highmem: true, nrCpus: 1 },
    });
  });

  test('its failures are told, and what helps is its own', () => {
    const processors = [...PROCESSORS, TOY_ADVICE];
    const adviceOn = (log: string) => {
      const [report] = failureReports(log, [...REPORTING, TOY_REPORTING]);
      const verdict = verdictOf(report!, {}, processors)!;
      const { helps, doesNot } = rulesFor(verdict, report!.arch, false, processors);
      return [verdict.kind, helps.map(({ name }) => name), doesNot.map(({ why }) => why)];
    };
    expect(adviceOn('robot is too far from the toy kernel\n')).toEqual([
      'module-reach',
      ['CONFIG_TOY_VENEERS=y'],
      ['the window of the modules lies apart, at the kernel image: in the toy box, whatever the option says'],
    ]);
    const restricted =
      'vmalloc_node_range for size 8192 failed: Address range restricted to 0xbf000000 - 0xc0000000\ntoy stack: module_alloc\n';
    expect(adviceOn(restricted).slice(0, 2)).toEqual([
      'module-window',
      ['a larger box', 'large modules built in'],
    ]);
  });

  test('what may be tried of other builds follows from its dialect', () => {
    const layout = buildOwnLayout(toyMember, { ramBytes: 64n * MIB });
    const names = (processors: readonly ProcessorAdvice[]) =>
      candidates({ lane: { layout: layout.name }, layout }, { windowBytes: 0 }, processors).map(
        ({ name }) => name,
      );
    expect(names([TOY_ADVICE])).toEqual(['vmalloc=64M', 'linux-x86_64', '128.0 MiB of RAM']);
    expect(names([])).toEqual(['128.0 MiB of RAM']);
  });
});

/** Free pages, those on the lists of cpu 0 too. */
const freePages = ({ machine }: Session): number =>
  freePagesOf(machine, 0) + (machine.vars[CPUS_VAR.busyCpus] === 0 ? 0 : pcpCount(machine, 0, 0));

const OSTEP_PAGE = 32;

describe.each(toyLayoutNames())('the toys of OSTEP, pages of 32 bytes: %s', (name) => {
  const layout = buildLayout(name, { ramBytes: 4096n });
  const { levels } = layout.arch.translation;
  const bits = layout.arch.wordBits;
  const half = 1n << BigInt(bits - 1);
  const boot = (): Session => new Session(bootMachine(layout));

  test('boots in 4 KiB, with the tables of its process where the levels say', () => {
    const session = boot();
    expect(checkMachine(session.machine)).toEqual([]);
    const tables = session.counter('pageTablePages');
    expect(tables).toBe(levels.length === 1 ? 16 : 1 + 4);
    session.given(...RUNNING);
    expect(session.counter('pageTablePages')).toBe(tables + (levels.length === 1 ? 16 : 1));
  });

  test('kmalloc, vmalloc, mmap, accesses and fork, and everything comes back', () => {
    const session = boot();
    // The first slab and the first table of the window stay.
    const kfree: Step = { kind: 'kfree', object: 1 };
    const vfree: Step = { kind: 'vfree', object: 2 };
    session.given(kmalloc(1, 20), vmalloc(2, 64), kfree, vfree);
    const before = freePages(session);
    session.given(...RUNNING, kmalloc(1, 20), vmalloc(2, 64), mmap(3, 2 * OSTEP_PAGE));
    session.given(
      access(3, 0, 4, WRITE),
      access(3, OSTEP_PAGE, 4, READ),
      access(2, 32, 4, WRITE | KERNEL_MODE),
    );
    expect(checkMachine(session.machine)).toEqual([]);
    session.given({ kind: 'exit' }, kfree, vfree);
    expect(checkMachine(session.machine)).toEqual([]);
    expect(freePages(session)).toBe(before);
  });

  test('an address is told in its own width, and its entry in one byte', () => {
    const session = boot().given(...RUNNING, mmap(1, OSTEP_PAGE), access(1, 0, 4, WRITE));
    const address = half - 0x81cn;
    const found = explained(session, address);
    expect(found.type).toBe('user-virtual');
    expect(found.walk.map(({ index }) => index)).toEqual(levels.length === 1 ? [0x17e4 >> 5] : [13, 31]);
    const { entry, page } = found.walk.at(-1)!;
    expect(entry).toBe(BigInt(0x80 | page!.pfn));
    expect(found.physical).toBe(BigInt(page!.pfn * OSTEP_PAGE + 4));
    const beyond = explained(session, 2n * half).meaning;
    expect(beyond).toBe(`more than ${bits} bits: no register of this machine holds it`);
  });

  test('memory runs out at the last frame, and no sooner than the tables need', () => {
    const session = boot();
    const free = freePages(session);
    let taken = 0;
    while (session.status({ kind: 'page_alloc', object: taken + 1, order: 0, gfp: 0xcc0 }) === 'ok') taken++;
    expect(freePages(session)).toBe(0);
    expect(taken).toBe(free);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('a layout file whose physical memory begins at 0x80000000', () => {
  const BOARD = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/layouts/board.json'), 'utf8'));
  const file = (changes: object) => JSON.stringify({ ...BOARD, zones: [], physicalBase: '2G', ...changes });
  const layoutOf = (text: string, mib = 128n): Layout =>
    buildCustomLayout(parseLayoutFile(text, 'board.json'), { ramBytes: mib * MIB, cpus: 2 });

  test('RAM, zones, kernel image and direct map lie there', () => {
    const layout = layoutOf(file({}));
    expect(layout.ram).toEqual([{ start: BASE, end: BASE + 128n * MIB }]);
    expect(layout.zones).toEqual([
      { name: 'Normal', startPfn: 0x80000, spannedPages: 32_768, presentPages: 32_768 },
    ]);
    expect(layout.highMemory).toBe(0xa000_0000n + 128n * MIB);
    expect(layout.kernelImage.start).toBe(BASE + MIB);
    const large = layoutOf(file({}), 1100n);
    expect(large.highstartPfn).toBe(0x80000 + 1032 * 256);
    expect(layoutOf(JSON.stringify(exportLayout(layout)))).toEqual(layout);
  });

  test.each(WORKLOADS)('$name runs, and views, explanations and devices know where memory is', (workload) => {
    const events = [...workload.generate(1, {}, 4000)];
    const { machine } = replay(bootMachine(layoutOf(file({}))), events, 1000);
    expect(checkMachine(machine)).toEqual([]);
    for (const view of VIEWS.filter(({ name }) => name !== 'kernel_page_tables'))
      expect(view.text(machine)).not.toMatch(/NaN|undefined/);
    const { physical, frame } = explainAddress(machine, 'virtual', 0xa000_2000n, {});
    expect([physical, frame?.pfn, frame?.zone]).toEqual([BASE + 0x2000n, 0x80002, 'Normal']);
  });

  test('a device of 31 address bits reaches none of it, one of 32 all', () => {
    const session = new Session(bootMachine(layoutOf(file({}))));
    expect(session.status(device(1, 31))).toBe('bad-dma-mask');
    session.given(device(2, 32), kmalloc(1, 512));
    expect(session.status(dmaMap('single', 1, 2, 0, 512))).toBe('ok');
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test.each([
    ['inside a page', { physicalBase: '0x80000800' }, 'physicalBase: found 0x80000800, expected a multiple'],
    [
      'above RAM that the file has',
      { memoryMap: [{ start: '16M', end: '64M' }] },
      'RAM at 0x1000000..0x4000000 lies below 0x80000000, where physical memory begins',
    ],
  ])('refused: %s', (_what, changes, message) => {
    const built = () => buildCustomLayout(parseLayoutFile(file(changes), 'board.json'), { cpus: 2 });
    expect(built).toThrow(message);
  });
});
