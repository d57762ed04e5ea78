/**
 * /proc/vmallocinfo of a machine (s_show of mm/vmalloc.c, v6.1), addresses shown as to root. Where the kernel names
 * the function that asked for an area, so does this if the trace knows it; else the workload's object is named.
 */
import { type VmallocArea, vmallocAreas } from '../../core/index.ts';
import type { Layout } from '../../core/layout/layout.ts';
import { hexDigits } from '../../core/layout/regions.ts';
import {
  type AddressDigits,
  formatVmallocinfo,
  type ObjectNames,
  type VmallocinfoArea,
} from '../../traces/index.ts';
import { viewOf } from './view.ts';

export const vmallocinfo = viewOf(
  'vmallocinfo',
  'areas of the vmalloc window, guard pages included',
  (machine, names) => vmallocAreas(machine).map((area) => figures(area, names)),
  (areas, { platform }) => formatVmallocinfo(areas, digitsOf(platform.layout)),
);

function figures(area: VmallocArea, names: ObjectNames): VmallocinfoArea {
  const { kind, start, end, sizeBytes, nrPages, vpages, physical, object, caller } = area;
  return {
    start,
    end,
    sizeBytes,
    ...(object !== undefined && {
      caller: names.of(object) ?? `object_${object}+0x0/0x${sizeBytes.toString(16)}`,
    }),
    ...(caller !== undefined && { caller }),
    ...(kind === 'vmalloc' && { nrPages }),
    ...(physical !== undefined && { physical }),
    flags: [...FLAGS[kind], ...(vpages ? ['vpages'] : [])],
    nodePages: {},
  };
}

/** VM_ flags in the kernel's words; plain get_vm_area has none. */
const FLAGS: Readonly<Record<VmallocArea['kind'], readonly string[]>> = {
  vmalloc: ['vmalloc'],
  vmap: ['vmap'],
  ioremap: ['ioremap'],
  vm_area: [],
  unpurged: ['unpurged vm_area'],
};

/** phys_addr_t has 64 bits with PAE too. */
function digitsOf(layout: Layout): AddressDigits {
  return { virtual: hexDigits(layout), physical: 2 * layout.arch.physAddrBytes };
}
