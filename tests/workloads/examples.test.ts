/** The worked examples: what the texts say of each, with the numbers of the simulated machine. */
import { describe, expect, test } from 'vitest';
import { busRanges, type DmaMapping, dmaMapping, liveMappings } from '../../core/dma/mapping-facts.ts';
import {
  ADDRESS_SHIFT,
  ADDRESSES,
  type Batch,
  batchOf,
  bootMachine,
  buildLayout,
  checkMachine,
  countersOf,
  type Explanation,
  explainAddress,
  fold,
  type Machine,
  type Outcomes,
  STATUSES,
} from '../../core/index.ts';
import { FAULT_MASK, FAULT_SHIFT, FAULTS, TLB_L1, TLB_MASK, TLB_WALK } from '../../core/outcome/outcome.ts';
import { EXAMPLES, type Example, example, WORKLOADS, workload } from '../../workloads/index.ts';

const PAGE_OFFSET = 0xc0000000n;
const MIB = 2n ** 20n;
const PAGE = 4096n;

/** One event as it came out; `after` is the machine then. */
interface Played {
  readonly status: string;
  readonly type: string;
  readonly fault: string;
  readonly tlb: number;
  /** The address that it gave, of the page. */
  readonly address: bigint;
  readonly after: Machine;
}

function play({ scenes, layout, ramBytes, machine: options }: Example, under = layout): Played[][] {
  let machine = bootMachine(buildLayout(under, { ramBytes: BigInt(ramBytes) }), options);
  return scenes.map(({ events }) =>
    events.map((event) => {
      const folded = fold(machine, batchOf([event]));
      machine = folded.machine;
      return playedOf(folded.outcomes, machine);
    }),
  );
}

function playedOf({ status, flags, vpn }: Outcomes, after: Machine): Played {
  return {
    status: STATUSES[status[0]!]!.name,
    type: ADDRESSES[flags[0]! >>> ADDRESS_SHIFT]!.name,
    fault: FAULTS[(flags[0]! & FAULT_MASK) >>> FAULT_SHIFT]!.name,
    tlb: flags[0]! & TLB_MASK,
    address: BigInt(vpn[0]!) * PAGE,
    after,
  };
}

const mappingsOf = (machine: Machine): DmaMapping[] =>
  liveMappings(machine).map((row) => dmaMapping(machine, row));
const explain = (machine: Machine, address: bigint, pid?: number): Explanation =>
  explainAddress(machine, 'virtual', address, { pid });
const may = ({ uses }: Explanation, name: string): boolean => uses.find((use) => use.name === name)!.possible;
const end = (scenes: Played[][]): Machine => scenes.at(-1)!.at(-1)!.after;

describe.each(EXAMPLES)('$name', (shown) => {
  test('every event comes to what its scene says, on the machine it is meant for', () => {
    const scenes = play(shown);
    expect(scenes.map((events) => [...new Set(events.map(({ status }) => status))])).toEqual(
      shown.scenes.map(({ becomes }) => [becomes]),
    );
  });

  test('is a workload: the same events whatever the seed and the batches', () => {
    const flat = (batches: Iterable<Batch>): number[][] =>
      [...batches].flatMap(({ count, kind, object, a, b, c }) =>
        Array.from({ length: count }, (_, i) => [kind[i]!, object[i]!, a[i]!, b[i]!, c[i]!]),
      );
    const all = flat(workload(shown.name).generate(1, {}, shown.defaultEvents));
    expect(all.length).toBe(shown.scenes.reduce((sum, { events }) => sum + events.length, 0));
    expect(flat(shown.generate(2, {}, 1e9, 3))).toEqual(all);
    expect(flat(shown.generate(1, {}, 3))).toEqual(all.slice(0, 3));
  });

  test('leaves a machine in which every frame is accounted for', () => {
    expect(checkMachine(end(play(shown)))).toEqual([]);
  });

  test('says where it is from and has a name of its own', () => {
    expect(shown.source).toMatch(/OSTEP|LDD3/);
    expect(WORKLOADS.map(({ name }) => name)).not.toContain(shown.name);
    expect(example(shown.name)).toBe(shown);
  });
});

test('all-lowmem: 512 MB lie PAGE_OFFSET above their physical addresses, to the last byte', () => {
  const scenes = play(example('all-lowmem'));
  const machine = end(scenes);
  expect(machine.platform.zones.map(({ name }) => name)).not.toContain('HighMem');
  for (const physical of [0n, 0xfffn, 512n * MIB - 1n])
    expect(explain(machine, PAGE_OFFSET + physical).physical).toBe(physical);
  expect(explain(machine, PAGE_OFFSET + 512n * MIB).physical).toBeUndefined();
  // The page that might have been high has an address for good, and kmap gives that one.
  const [, [mayBeHigh], , [kmapped]] = scenes;
  expect(mayBeHigh!.type).toBe('kernel-logical');
  expect(kmapped).toMatchObject({ address: mayBeHigh!.address, type: 'kernel-logical' });
  expect(countersOf(machine.counters).kmapSlotsPeak).toBe(0);
});

test('highmem-kmap: 896 MB low, 3,200 MB high, and 128 MB of addresses to reach them by', () => {
  const scenes = play(example('highmem-kmap'));
  const machine = end(scenes);
  const { layout, zones } = machine.platform;
  const high = zones.find(({ name }) => name === 'HighMem')!;
  expect(BigInt(high.spannedPages) * PAGE).toBe(3200n * MIB);
  expect(BigInt(high.startPfn) * PAGE).toBe(896n * MIB);
  const direct = layout.regions.find(({ kind }) => kind === 'direct')!;
  expect(direct).toMatchObject({ start: PAGE_OFFSET, end: 0xf8000000n });
  expect((1n << 32n) - direct.end).toBe(128n * MIB);
  const [[page], , [kmapped], , [kmalloced]] = scenes;
  expect([page!.type, kmapped!.type, kmalloced!.type]).toEqual([
    'physical',
    'kernel-virtual',
    'kernel-logical',
  ]);
  const slot = explain(kmapped!.after, kmapped!.address);
  expect(slot.region!.kind).toBe('pkmap');
  expect(slot.physical! >= 896n * MIB).toBe(true);
  expect(slot.pa!.legal).toBe(false);
  const { kmapSlots, kmapSlotsPeak } = countersOf(machine.counters);
  expect([kmapSlots, kmapSlotsPeak]).toEqual([0, 1]);
});

test('vmalloc-16m: 4,096 pages in a row, their frames in many pieces, no way by a constant', () => {
  const scenes = play(example('vmalloc-16m'));
  const [, , , [area]] = scenes;
  const frames = Array.from({ length: 4096 }, (_, page) => {
    const explained = explain(area!.after, area!.address + BigInt(page) * PAGE);
    expect([explained.type, explained.pa!.legal, may(explained, 'dma')]).toEqual([
      'kernel-virtual',
      false,
      false,
    ]);
    return Number(explained.physical! / PAGE);
  });
  expect(new Set(frames).size).toBe(4096);
  const breaks = frames.filter((pfn, i) => i > 0 && pfn !== frames[i - 1]! + 1).length;
  expect(breaks).toBeGreaterThan(16); // of 32 holes, some went to the kernel's own tables
  const [mapping] = mappingsOf(end(scenes));
  expect(busRanges(mapping!).length).toBe(breaks + 1);
  const guard = explain(area!.after, area!.address + 4096n * PAGE);
  expect([guard.region!.kind, guard.physical]).toEqual(['vmalloc', undefined]);
});

test('kmalloc-dma: page after page, the physical address is the logical one less PAGE_OFFSET', () => {
  const scenes = play(example('kmalloc-dma'));
  const [[buffer], , , , , [isa]] = scenes;
  for (let page = 0n; page < 16n; page++) {
    const explained = explain(buffer!.after, buffer!.address + page * PAGE);
    expect(explained.physical).toBe(buffer!.address + page * PAGE - PAGE_OFFSET);
    expect(explained.pa).toMatchObject({ legal: true, address: explained.physical });
    expect(['contiguous', 'dma', 'swappable'].map((use) => may(explained, use))).toEqual([true, true, false]);
  }
  expect(explain(isa!.after, isa!.address).physical! < 16n * MIB).toBe(true);
  // The device gets one address for all of it: the physical one.
  const mappings = mappingsOf(end(scenes));
  expect(mappings.map(busRanges)).toEqual(
    [buffer!, isa!].map(({ address }, i) => [
      { bus: Number(address - PAGE_OFFSET), lengthBytes: [16, 1][i]! * 4096 },
    ]),
  );
});

test('user-touches-kernel: refused without harm, at the address that the kernel then uses', () => {
  const scenes = play(example('user-touches-kernel'));
  const [[data], [, , , own], refused, trapped] = scenes;
  expect(data!.address >= PAGE_OFFSET).toBe(true);
  const explained = explain(end(scenes), data!.address);
  expect([may(explained, 'user mode'), may(explained, 'kernel mode')]).toEqual([false, true]);
  expect(refused!.map(({ status, fault }) => [status, fault])).toEqual([
    ['privilege', 'none'],
    ['privilege', 'none'],
  ]);
  // No switch of page tables lies between: the same entry serves, and only the mode decides.
  expect(trapped!.map(({ tlb }) => tlb)).toEqual([TLB_L1, TLB_L1]);
  expect(own!.fault).toBe('demand-zero');
});

test.each(['3g1g', '2g2g', 'x86_64'])('user-touches-kernel comes to the same under %s', (layout) => {
  const statuses = play(example('user-touches-kernel'), layout).map(([first]) => first!.status);
  expect(statuses).toEqual(['ok', 'ok', 'privilege', 'ok', 'ok']);
});

test('context-switch: one user address, two frames; one kernel address, one frame, and its TLB entry stays', () => {
  const scenes = play(example('context-switch'));
  const [[data], [, , one], [, , two], , , [kernel], [user]] = scenes;
  const machine = end(scenes);
  expect(two!.address).toBe(one!.address);
  const [first, second] = [1, 2].map((pid) => explain(machine, one!.address, pid).physical);
  expect(first).not.toBe(second);
  const roots = Object.values(machine.records.mms).map(({ root }) => root);
  expect(new Set(roots).size).toBe(2);
  expect(explain(machine, data!.address, 1).physical).toBe(explain(machine, data!.address, 2).physical);
  expect([kernel!.tlb, user!.tlb]).toEqual([TLB_L1, TLB_WALK]);
  expect(user!.fault).toBe('none');
  expect(countersOf(machine.counters).contextSwitches).toBe(3);
});

test('libc-shared: both processes reach the same frames, which are read from disk once', () => {
  const scenes = play(example('libc-shared'));
  const [, [, , text, data, ...first], [, , , , ...second], [write]] = scenes;
  expect(first.map(({ fault }) => fault)).toEqual(['file-major', 'file-major']);
  expect(second.map(({ fault }) => fault)).toEqual(['file-minor', 'file-minor']);
  const frames = (machine: Machine, address: bigint) =>
    [1, 2].map((pid) => explain(machine, address, pid).physical);
  const shared = scenes[2]!.at(-1)!.after;
  for (const { address } of [text!, data!]) {
    const [one, two] = frames(shared, address);
    expect(one).toBe(two);
  }
  expect(write!.fault).toBe('copy-on-write');
  const [[textOne, textTwo], [dataOne, dataTwo]] = [text!, data!].map(({ address }) =>
    frames(end(scenes), address),
  ) as [bigint[], bigint[]];
  expect(textOne).toBe(textTwo);
  expect(dataOne).not.toBe(dataTwo);
  expect(countersOf(end(scenes).counters).fileMajorFaults).toBe(2);
});

test('huge-pages: a fault and a walk for 2 MiB; base pages take one each, and so does what is left of a split one', () => {
  const scenes = play(example('huge-pages'));
  const [, small, huge, split] = scenes;
  expect(small!.map(({ fault, tlb }) => [fault, tlb])).toEqual([
    ['demand-zero', TLB_WALK],
    ['demand-zero', TLB_WALK],
  ]);
  expect(huge!.map(({ fault, tlb }) => [fault, tlb])).toEqual([
    ['demand-zero', TLB_WALK],
    ['none', TLB_L1],
    ['none', TLB_L1],
  ]);
  expect(split!.slice(1).map(({ fault, tlb }) => [fault, tlb])).toEqual([
    ['none', TLB_WALK],
    ['none', TLB_WALK],
  ]);
  const { thpFaultAlloc, thpSplitPmd } = countersOf(end(scenes).counters);
  expect([thpFaultAlloc, thpSplitPmd]).toEqual([1, 1]);
});
