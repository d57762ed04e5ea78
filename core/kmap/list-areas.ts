/**
 * The areas of the vmalloc window as /proc/vmallocinfo lists them (s_show, mm/vmalloc.c, v6.1): what is in use,
 * ascending, then what was freed but not yet purged, ascending.
 */
import { pageAddress } from '../layout/regions.ts';
import type { Machine } from '../machine/machine.ts';
import { IOREMAP, OBJECT, VM_AREA, VMALLOC, VMAP } from '../state/objects.ts';
import { pageArraysOf } from './vmalloc.ts';

/** Who has an area; `unpurged`: nobody any more, but its addresses are not given again yet. */
export type VmallocAreaKind = 'vmalloc' | 'vmap' | 'ioremap' | 'vm_area' | 'unpurged';

/** An area of the vmalloc window. */
export interface VmallocArea {
  readonly kind: VmallocAreaKind;
  /** Kernel virtual addresses [start, end), the guard page behind the area included. */
  readonly start: bigint;
  readonly end: bigint;
  readonly sizeBytes: number;
  /** Page frames of RAM mapped in it; 0 for device memory and for what is address space only. */
  readonly nrPages: number;
  /** Its array of page pointers is itself vmalloc'ed, in an area of its own (is_vmalloc_addr(area->pages)). */
  readonly vpages: boolean;
  /** Physical address of device memory, of its whole first page. */
  readonly physical: bigint | undefined;
  /** The object of the workload; undefined for what no object owns. */
  readonly object: number | undefined;
  /** Who asked for one that a kernel had before the first event. */
  readonly caller?: string;
}

const KINDS = new Map<number, VmallocAreaKind>([
  [VMALLOC, 'vmalloc'],
  [IOREMAP, 'ioremap'],
  [VMAP, 'vmap'],
  [VM_AREA, 'vm_area'],
]);

/** Addresses are virtual, ends exclusive; guard pages are part of an area, as in the kernel’s file. */
export function vmallocAreas(machine: Machine): VmallocArea[] {
  const areas: VmallocArea[] = kernelAreas(machine);
  machine.objects.forEachLeaf((leaf, firstRow) => {
    const { stride } = machine.objects.shape;
    for (let at = 0, object = firstRow; at < leaf.length; at += stride, object++) {
      const kind = KINDS.get(leaf[at + OBJECT.class]!);
      if (kind !== undefined) areas.push(...areasOf(machine, kind, object));
    }
  });
  areas.sort((a, b) => (a.start < b.start ? -1 : 1));
  return [...areas, ...unpurged(machine)];
}

function kernelAreas(machine: Machine): VmallocArea[] {
  return machine.platform.kernelAreas.map(({ vpn, endVpn, kind, nrPages, physical, caller }) => ({
    ...rangeOf(machine, vpn, endVpn),
    ...{ kind, nrPages, physical },
    vpages: false,
    object: undefined,
    ...(caller !== undefined && { caller }),
  }));
}

/** The area of an object, and those of the page arrays that vmalloc keeps beside it. */
function areasOf(machine: Machine, kind: VmallocAreaKind, object: number): VmallocArea[] {
  const { objects, platform } = machine;
  const { layout, vmallocGuardPages } = platform;
  const vpn = objects.get(object, OBJECT.vpn);
  const nrPages = objects.get(object, OBJECT.detail);
  const device = BigInt(objects.get(object, OBJECT.pfn)) << BigInt(layout.pageShift);
  const arrays = kind === 'vmalloc' ? pageArraysOf(objects, layout, object) : [];
  const own = {
    ...rangeOf(machine, vpn, vpn + nrPages + vmallocGuardPages),
    kind,
    nrPages: kind === 'vmalloc' || kind === 'vmap' ? nrPages : 0,
    vpages: arrays.length > 0,
    physical: kind === 'ioremap' ? device : undefined,
    object,
  };
  return [
    own,
    ...arrays.map((array, i) => ({
      ...own,
      ...rangeOf(machine, array.vpn, array.vpn + array.nrPages + vmallocGuardPages),
      nrPages: array.nrPages,
      vpages: i + 1 < arrays.length,
    })),
  ];
}

function unpurged(machine: Machine): VmallocArea[] {
  return machine.vmallocLazy.toArray().map(({ start, end }) => ({
    ...rangeOf(machine, start, end),
    kind: 'unpurged',
    nrPages: 0,
    vpages: false,
    physical: undefined,
    object: undefined,
  }));
}

function rangeOf({ platform: { layout } }: Machine, vpn: number, endVpn: number) {
  const start = pageAddress(layout, vpn);
  const sizeBytes = (endVpn - vpn) * 2 ** layout.pageShift;
  return { start, end: start + BigInt(sizeBytes), sizeBytes };
}
