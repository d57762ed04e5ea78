/** The linux-6.1 family against every figure that the booted kernels printed: predicted, or left with a reason. */
import { describe, expect, test } from 'vitest';
import {
  addressSpaceFigures,
  buildLayout,
  type Layout,
  parseMemoryMap,
  ramFromSize,
  ramOf,
  regionOf,
} from '../../../core/layout/catalog/index.ts';
import type { OracleMachine } from '../../captures/oracle-machine.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';
import { PREDICTIONS } from './predictions.ts';

const machines = oracleMachines();

/** Figures compared on a machine: there are at least this many on the poorest of the captured ones. */
const LEAST_FIGURES = 300;

test('there are machines to compare with', () => {
  expect(machines.length).toBeGreaterThan(0);
});

/** Numbers and strings in a value, however nested. */
function countFigures(value: unknown): number {
  if (value === null || typeof value !== 'object') return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countFigures(inner), 0);
}

describe.each(machines.map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
  const layout = buildLayout(layoutNameOf(machine), optionsOf(machine));

  test('every key is predicted, or left for a reason', () => {
    expect(Object.keys(machine).filter((key) => !(key in PREDICTIONS))).toEqual([]);
  });

  const predictions = Object.entries(PREDICTIONS).flatMap(([key, predict]) =>
    typeof predict === 'string' || !(key in machine) ? [] : [{ key, ...predict(machine, layout) }],
  );
  test.each(
    predictions.map(
      ({ key, captured, ...rest }) => [key, countFigures(captured), { captured, ...rest }] as const,
    ),
  )('%s: %i figures', (_key, _count, { predicted, captured }) => {
    expect(predicted).toEqual(captured);
  });

  test(`${countFigures(predictions.map(({ captured }) => captured))} figures in all`, () => {
    expect(countFigures(predictions.map(({ captured }) => captured))).toBeGreaterThan(LEAST_FIGURES);
  });

  test('figures for programs', () => {
    expect(addressSpaceFigures(layout)).toMatchObject(expectedFigures(machine));
  });

  test('memory map', () => {
    const memoryMap = parseMemoryMap(machine.e820.join('\n'));
    expect(ramFromSize(BigInt(machine.ram_mb) << 20n)).toEqual(ramOf(memoryMap));
    const fromMap = buildLayout(layoutNameOf(machine), { ...optionsOf(machine), memoryMap });
    expect(fromMap).toEqual({ ...layout, ramBytes: fromMap.ramBytes, physical: fromMap.physical });
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
function entriesOf({ arch: { translation, pageShift } }: Layout, address: bigint) {
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
