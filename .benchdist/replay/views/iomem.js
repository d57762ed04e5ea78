/** /proc/iomem of a machine (r_show of kernel/resource.c, v6.1), addresses shown as to root. */
import { physicalResources } from '../../core/index.js';
import { formatIomem } from '../../traces/index.js';
import { viewOf } from './view.js';
export const iomem = viewOf('iomem', 'who has which physical addresses: RAM, the kernel image, firmware, devices', ({ platform }) => physicalResources(platform.layout).map(({ startByte: start, endByte: end, name, depth }) => ({
    start,
    end,
    name,
    depth,
})), formatIomem);
//# sourceMappingURL=iomem.js.map