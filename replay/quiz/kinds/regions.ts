/** The figures of a layout that a question needs to be answered from: its regions, and where they begin and end. */
import type { Layout, Region } from '../../../core/layout/layout.ts';
import { REGION_NAMES, toHex } from '../../../core/layout/regions.ts';
import { table } from '../question/parts.ts';
import type { Given } from '../question/question.ts';

/** The map of an address space. */
export function regionsTable(layout: Layout): Given {
  const rows = layout.regions.map((region) => [
    nameOf(region),
    toHex(layout, region.start),
    toHex(layout, region.end - 1n),
  ]);
  return table(['region', 'from', 'to'], rows);
}

/** Some processors have several parts for users, with names of their own. */
function nameOf({ kind, name }: Region): string {
  return kind === 'user' && name !== REGION_NAMES.user ? `${name}, ${REGION_NAMES.user}` : name;
}

/** Constants of conversions, in a sentence. */
export function constantsText(layout: Layout): string {
  const { pageOffset, physicalBase, highMemory, regions, arch } = layout;
  const image = regions.find(({ kind }) => kind === 'kernel_image');
  return [
    `PAGE_OFFSET is ${toHex(layout, pageOffset)}`,
    ...(physicalBase === 0n ? [] : [`PHYS_OFFSET is ${toHex(layout, physicalBase)}`]),
    `high_memory, the end of the direct map, is ${toHex(layout, highMemory)}`,
    ...(image === undefined ? [] : [`__START_KERNEL_map is ${toHex(layout, image.start)}`]),
    ...(arch.regionShift === undefined
      ? []
      : [`__pa keeps the lower ${arch.regionShift} bits of an address`]),
    `registers have ${arch.wordBits} bits`,
  ].join('; ');
}
