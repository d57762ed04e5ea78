/** The linux-6.1 family reproduces every figure that the booted kernels printed. */
import { describe, expect, test } from 'vitest';
import { buildLayout, oracleFigures, parseMemoryMap, ramFromSize } from '../../../core/layout/index.ts';
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
    expect(fromMap).toEqual({ ...layout, ramBytes: fromMap.ramBytes });
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

  test('the kernel image starts where iomem says and is of its size, give or take the drivers', () => {
    const lines = machine.iomem.filter((line) => line.includes('Kernel'));
    const start = BigInt(`0x${/(\w+)-/.exec(lines[0]!)![1]}`);
    const end = BigInt(`0x${/-(\w+)/.exec(lines.at(-1)!)![1]}`) + 1n;
    expect(layout.kernelImage.start).toBe(start);
    expect(Math.abs(Number(layout.kernelImage.end - end))).toBeLessThan(1 << 20);
  });
});

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
