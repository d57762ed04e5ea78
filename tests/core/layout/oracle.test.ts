/** The linux-6.1 family reproduces every figure that the booted kernels printed. */
import { describe, expect, test } from 'vitest';
import {
  buildLayout,
  type Layout,
  oracleFigures,
  parseMemoryMap,
  ramFromSize,
  regionOf,
} from '../../../core/layout/index.ts';
import { layoutNameOf, type OracleMachine, optionsOf, oracleMachines } from './oracle-machines.ts';

const machines = oracleMachines();

test('there are machines to compare with', () => {
  expect(machines.length).toBeGreaterThanOrEqual(20);
});

describe.each(machines.map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
  const layout = buildLayout(layoutNameOf(machine), optionsOf(machine));

  test('figures', () => {
    expect(oracleFigures(layout)).toMatchObject(expectedFigures(machine));
  });

  test('memory map', () => {
    const memoryMap = parseMemoryMap(machine.e820.join('\n'));
    expect(ramFromSize(BigInt(machine.ram_mb) << 20n)).toEqual(memoryMap);
    const fromMap = buildLayout(layoutNameOf(machine), { ...optionsOf(machine), memoryMap });
    expect(fromMap).toEqual({ ...layout, ramBytes: fromMap.ramBytes, physical: fromMap.physical });
  });

  test('mmap areas start where mm->mmap_base says', () => {
    expect(layout.mmapBase).toBe(BigInt(machine.mm[0]!.mmap_base));
  });

  test('struct page has the size that its addresses tell', () => {
    const pages = machine.alloc_pages.filter(({ page }) => page !== undefined);
    const [first, last] = [pages[0]!, pages.at(-1)!];
    const frames = BigInt(last.pfn!) - BigInt(first.pfn!);
    expect(BigInt(last.page!) - BigInt(first.page!)).toBe(frames * BigInt(layout.structPageBytes));
    expect(frames).not.toBe(0n);
  });

  test('virt_to_phys is a subtraction, and only in the direct map', () => {
    const { va, virt_to_phys } = machine.conversions.find(({ kind }) => kind === 'kmalloc')!;
    expect(BigInt(va!) - layout.pageOffset).toBe(BigInt(virt_to_phys!));
    expect(regionOf(layout, BigInt(va!))?.kind).toBe('direct');
    const stack = machine.conversions.find(({ kind }) => kind === 'stack')!;
    expect(regionOf(layout, BigInt(stack.va!))?.kind).toBe(stack.is_vmalloc ? 'vmalloc' : 'direct');
  });

  test('page table walks read the entries that the levels say', () => {
    for (const walk of machine.page_table_walks) {
      const entries = entriesOf(layout, BigInt(walk.addr));
      const read = Object.keys(walk).filter((key) => key.includes('['));
      expect(read).toEqual(entries.slice(0, read.length).map(({ key }) => key));
      const { pageBytes, canMap } = entries[read.length - 1]!;
      if (walk.leaf !== 'none')
        expect({ leaf: pageBytes, canMap }).toEqual({ leaf: LEAF_BYTES[walk.leaf], canMap: true });
    }
  });
});

const LEAF_BYTES: Record<string, number> = { '4K': 2 ** 12, '2M': 2 ** 21, '4M': 2 ** 22, '1G': 2 ** 30 };

/** The entries that a walk down to a small page reads, and what each could map. */
function entriesOf({ translation, pageShift }: Layout, address: bigint) {
  const { levels, largePageLevels } = translation;
  return levels.map(({ name, bits }, level) => {
    const shift = levels.slice(level + 1).reduce((sum, below) => sum + below.bits, pageShift);
    const index = (address >> BigInt(shift)) & ((1n << BigInt(bits)) - 1n);
    const canMap = level === levels.length - 1 || largePageLevels.includes(level);
    return { key: `${name}[${index}]`, pageBytes: 2 ** shift, canMap };
  });
}

function expectedFigures(machine: OracleMachine) {
  return {
    pageOffset: machine.page_offset,
    vmallocStart: machine.vmalloc_start,
    vmallocEnd: machine.vmalloc_end,
    pkmapBase: machine.pkmap_base,
    lastPkmap: machine.last_pkmap,
    fixaddrStart: machine.fixaddr_start,
    fixaddrTop: machine.fixaddr_top,
    highMemory: machine.high_memory,
    maxLowPfn: machine.max_low_pfn,
    maxPfn: machine.max_pfn,
    highstartPfn: machine.highstart_pfn,
    taskSize: machine.task_size,
    modulesVaddr: machine.modules_vaddr,
    modulesEnd: machine.modules_end,
    cpuEntryAreaBase: machine.cpu_entry_area_base,
    ldtBaseAddr: machine.ldt_base_addr,
    zones: machine.zones.map(({ name, start_pfn, spanned, present }) => ({
      name,
      startPfn: start_pfn,
      spanned,
      present,
    })),
  };
}
