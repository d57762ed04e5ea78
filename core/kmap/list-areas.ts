/**
 * The areas of the vmalloc window as /proc/vmallocinfo lists them (s_show, mm/vmalloc.c, v6.1): what is in use,
 * ascending, then what was freed but not yet purged, ascending.
 */
import { pageAddress } from '../layout/regions.ts';
import type { Machine } from '../state/machine.ts';
import { IOREMAP, OBJECT, VMALLOC } from '../state/objects.ts';
import { GUARD_PAGES } from './areas.ts';

export type VmallocAreaKind = 'vmalloc' | 'vmap' | 'ioremap' | 'vm_area' | 'unpurged';

export interface VmallocArea {
  readonly kind: VmallocAreaKind;
  /** Kernel virtual addresses [start, end), the guard page behind the area included. */
  readonly start: bigint;
  readonly end: bigint;
  readonly sizeBytes: number;
  /** Page frames of RAM mapped in it; 0 for device memory and for what is address space only. */
  readonly nrPages: number;
  /** Physical address of device memory, of its whole first page. */
  readonly physical: bigint | undefined;
  /** The object of the workload; undefined for what no object owns. */
  readonly object: number | undefined;
}

const KINDS = new Map<number, VmallocAreaKind>([
  [VMALLOC, 'vmalloc'],
  [IOREMAP, 'ioremap'],
]);

export function vmallocAreas(machine: Machine): VmallocArea[] {
  const areas: VmallocArea[] = [];
  machine.objects.forEachLeaf((leaf, firstRow) => {
    const { stride } = machine.objects.shape;
    for (let at = 0, object = firstRow; at < leaf.length; at += stride, object++) {
      const kind = KINDS.get(leaf[at + OBJECT.class]!);
      if (kind !== undefined) areas.push(areaOf(machine, kind, object));
    }
  });
  return areas.sort((a, b) => (a.start < b.start ? -1 : 1));
}

function areaOf({ objects, platform }: Machine, kind: VmallocAreaKind, object: number): VmallocArea {
  const { layout } = platform;
  const vpn = objects.get(object, OBJECT.vpn);
  const nrPages = objects.get(object, OBJECT.detail);
  const start = pageAddress(layout, vpn);
  const sizeBytes = (nrPages + GUARD_PAGES) * 2 ** layout.pageShift;
  const isDevice = kind === 'ioremap';
  return {
    kind,
    start,
    end: start + BigInt(sizeBytes),
    sizeBytes,
    nrPages: isDevice ? 0 : nrPages,
    physical: isDevice ? BigInt(objects.get(object, OBJECT.pfn)) << BigInt(layout.pageShift) : undefined,
    object,
  };
}
