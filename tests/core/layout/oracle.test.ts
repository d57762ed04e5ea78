/** The linux-6.1 family against every figure that the booted kernels printed: predicted, or left with a reason. */
import { describe, expect, test } from 'vitest';
import {
  addressSpaceFigures,
  buildLayout,
  type Layout,
  parseMemoryMap,
  ramFromSize,
  ramOf,
} from '../../../core/layout/catalog/index.ts';
import type { OracleMachine } from '../../captures/oracle-machine.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';
import { checkPredictions } from './predictions/check.ts';
import { PREDICTIONS } from './predictions/x86.ts';

const machines = oracleMachines();

const layoutOf = (machine: OracleMachine): Layout => buildLayout(layoutNameOf(machine), optionsOf(machine));

checkPredictions(machines, layoutOf, PREDICTIONS, 300);

describe.each(machines.map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
  const layout = layoutOf(machine);

  test('figures for programs', () => {
    expect(addressSpaceFigures(layout)).toMatchObject(expectedFigures(machine));
  });

  test('memory map', () => {
    const memoryMap = parseMemoryMap(machine.e820.join('\n'));
    expect(ramFromSize(BigInt(machine.ram_mb) << 20n)).toEqual(ramOf(memoryMap));
    const fromMap = buildLayout(layoutNameOf(machine), { ...optionsOf(machine), memoryMap });
    expect(fromMap).toEqual({ ...layout, ramBytes: fromMap.ramBytes, physical: fromMap.physical });
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
