/**
 * The figure of LDD3 (ch. 15, "Address types used in Linux") as a key: of the byte behind an address, what it is in each
 * of the five sorts of addresses, and why it is nothing in the others.
 */
import { type Explanation, explainAddress } from '../../../core/explain/explain.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { AddressName } from '../../../core/outcome/outcome.ts';
import { type Place, placesOfFrame } from './places.ts';

export const ADDRESS_TYPES = [
  'user-virtual',
  'kernel-logical',
  'kernel-virtual',
  'physical',
  'bus',
] as const satisfies readonly AddressName[];

export interface AddressOfType {
  readonly address: bigint;
  /** Whose it is, or by what it leads there. */
  readonly note: string;
}

export interface TypeRow {
  readonly type: (typeof ADDRESS_TYPES)[number];
  /** The address that was asked about is of this type. */
  readonly isAsked: boolean;
  readonly addresses: readonly AddressOfType[];
  /** Why there are none. */
  readonly none: string | undefined;
}

/** A row each, always in the same order. @param pid as explain takes it; not alive: UsageError */
export function addressTypesOf(machine: Machine, address: bigint, pid?: number): TypeRow[] {
  const explained = explainAddress(machine, 'virtual', address, { pid });
  const { physical, type, frame } = explained;
  const places = frame === undefined ? [] : placesOfFrame(machine, frame.pfn);
  const inPage = address & ((1n << BigInt(machine.platform.layout.pageShift)) - 1n);
  const at = (place: Place): AddressOfType => ({ address: place.start + inPage, note: noteOf(place) });
  const found: Record<TypeRow['type'], readonly AddressOfType[]> = {
    'user-virtual': places.filter(({ by }) => by === 'mapping').map(at),
    'kernel-logical': places.filter(({ by }) => by === 'direct map').map(at),
    'kernel-virtual': places.filter(({ by }) => by !== 'mapping' && by !== 'direct map').map(at),
    physical:
      physical === undefined ? [] : [{ address: physical, note: `in frame 0x${frame!.pfn.toString(16)}` }],
    bus: explained.buses.map(({ bus, device, way }) => ({
      address: bus,
      note: `device ${device}, ${WAYS[way]}`,
    })),
  };
  return ADDRESS_TYPES.map((of) => {
    const isAsked = of === type;
    // What is not mapped is still an address of its type.
    const own = isAsked && found[of].length === 0 ? [{ address, note: 'not mapped' }] : found[of];
    return { type: of, isAsked, addresses: own, none: own.length > 0 ? undefined : whyNone(of, explained) };
  });
}

const WAYS = {
  physical: 'at its physical address',
  bounce: 'through a bounce buffer',
  iommu: 'through the IOMMU',
} as const;

function noteOf({ by, pid, object }: Place): string {
  const of = object === undefined ? '' : `, object ${object}`;
  if (by === 'mapping') return `process ${pid}${of}`;
  return `${by}${of}`;
}

function whyNone(type: TypeRow['type'], { unmapped, frame, va }: Explanation): string {
  if (frame === undefined) return unmapped ?? 'nothing is mapped there';
  switch (type) {
    case 'user-virtual':
      return 'no process has it mapped';
    case 'kernel-logical':
      return va?.reason ?? 'it is outside of the direct map';
    case 'kernel-virtual':
      return 'mapped nowhere but in the direct map and by processes';
    case 'physical':
      return 'nothing is mapped there';
    case 'bus':
      return 'mapped for no device; without an IOMMU a device would take the physical address';
  }
}
