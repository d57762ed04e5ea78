/** What of the vmalloc window was in use when a trace began (vmallocinfo), as a trace's header has it. */
import type { KernelArea } from '../../core/kmap/kernel-areas.ts';
import type { VmallocinfoArea } from './vmallocinfo.ts';

/** Addresses are 0x strings: a trace's header has no room for larger numbers. */
export interface InitialArea {
  readonly kind: KernelArea['kind'];
  readonly start: string;
  readonly end: string;
  readonly nrPages: number;
  readonly physical?: string;
  readonly caller?: string;
}

/** More text of them would not go into the header of a trace. */
const MOST_LETTERS = 0x7000;

/** One by one, else neighbours of one caller as one area, else all neighbours, whoever asked for them. */
export function fitting(areas: readonly InitialArea[]): readonly InitialArea[] {
  const fits = (list: readonly InitialArea[]): boolean => JSON.stringify(list).length <= MOST_LETTERS;
  if (fits(areas)) return areas;
  const byCaller = runsOf(areas, ({ kind, caller }) => `${kind} ${caller}`);
  return fits(byCaller) ? byCaller : runsOf(areas, () => '');
}

/** Neighbours that are alike as one area: what they take of the window is the same. */
function runsOf(areas: readonly InitialArea[], likeness: (area: InitialArea) => string): InitialArea[] {
  const runs: InitialArea[] = [];
  let before = '';
  for (const area of areas.toSorted((a, b) => (BigInt(a.start) < BigInt(b.start) ? -1 : 1))) {
    const last = runs.at(-1);
    const what = likeness(area);
    const { start, end, nrPages, kind, caller } = area;
    if (last?.end === start && what === before)
      runs[runs.length - 1] = { ...last, end, nrPages: last.nrPages + nrPages };
    else if (what === '') runs.push({ kind: 'vm_area', start, end, nrPages });
    else runs.push({ kind, start, end, nrPages, ...(caller !== undefined && { caller }) });
    before = what;
  }
  return runs;
}

const AREA_KINDS = ['vmalloc', 'vmap', 'ioremap'] as const;

/** None where the kernel hides addresses, and for what it has given back. */
export function initialArea({
  start,
  end,
  nrPages,
  physical,
  caller,
  flags,
}: VmallocinfoArea): InitialArea[] {
  if (start === undefined || end === undefined || flags.includes('unpurged vm_area')) return [];
  return [
    {
      kind: AREA_KINDS.find((kind) => flags.includes(kind)) ?? 'vm_area',
      start: hex(start),
      end: hex(end),
      nrPages: nrPages ?? 0,
      ...(physical !== undefined && { physical: hex(physical) }),
      ...(caller !== undefined && { caller }),
    },
  ];
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}

/** The areas as a machine takes them. */
export function kernelAreas(areas: readonly InitialArea[]): KernelArea[] {
  return areas.map(({ start, end, physical, ...rest }) => ({
    ...rest,
    start: BigInt(start),
    end: BigInt(end),
    ...(physical !== undefined && { physical: BigInt(physical) }),
  }));
}

const ADDRESS = /^0x[0-9a-f]{1,16}$/;

/** Whether fields are those of an area. */
export function isInitialArea(fields: Readonly<Record<string, unknown>>): boolean {
  const { kind, start, end, nrPages, physical = '0x0', caller = '' } = fields;
  return (
    [...AREA_KINDS, 'vm_area'].some((known) => known === kind) &&
    [start, end, physical].every((address) => typeof address === 'string' && ADDRESS.test(address)) &&
    Number.isSafeInteger(nrPages) &&
    typeof caller === 'string'
  );
}
