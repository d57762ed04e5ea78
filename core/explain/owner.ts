/** Whose a kernel address is: the object of the workload that it lies in, or an area that the kernel had before. */
import { pageNumber } from '../layout/regions.ts';
import type { Machine } from '../machine/machine.ts';
import { KMALLOC_NOTHING, NO_CLASS, OBJECT, USER } from '../state/objects.ts';

export interface OwnerFacts {
  /** Undefined for an area of before the first event. */
  readonly object: number | undefined;
  /** Bytes from its beginning. */
  readonly offset: number;
  /** Who asked for it, where that is known. */
  readonly caller?: string;
}

/** Undefined when nobody has it: free, the kernel's own, or user memory, which its mapping tells of. */
export function ownerOf(machine: Machine, address: bigint): OwnerFacts | undefined {
  const { layout, kernelAreas } = machine.platform;
  const pageBytes = 2 ** layout.pageShift;
  const page = pageNumber(layout, address);
  const inPage = Number(address & BigInt(pageBytes - 1));
  const before = kernelAreas.find(({ vpn, endVpn }) => vpn <= page && page < endVpn);
  if (before !== undefined) {
    const { vpn, caller } = before;
    return {
      object: undefined,
      offset: (page - vpn) * pageBytes + inPage,
      ...(caller !== undefined && { caller }),
    };
  }
  return objectAt(machine, page, inPage, pageBytes);
}

const WITHOUT_ADDRESS: ReadonlySet<number> = new Set([NO_CLASS, USER, KMALLOC_NOTHING]);

function objectAt(
  { objects }: Machine,
  page: number,
  inPage: number,
  pageBytes: number,
): OwnerFacts | undefined {
  let found: OwnerFacts | undefined;
  const { stride } = objects.shape;
  objects.forEachLeaf((leaf, firstRow) => {
    for (let at = 0, object = firstRow; at < leaf.length; at += stride, object++) {
      const vpn = leaf[at + OBJECT.vpn]!;
      if (WITHOUT_ADDRESS.has(leaf[at + OBJECT.class]!) || vpn < 0 || vpn > page) continue;
      const offset = (page - vpn) * pageBytes + inPage - leaf[at + OBJECT.start]!;
      if (offset >= 0 && offset < leaf[at + OBJECT.sizeBytes]!) found = { object, offset };
    }
  });
  return found;
}
