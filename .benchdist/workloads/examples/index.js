import { allLowmem, highmemKmap, kmallocDma, vmalloc16m } from './memory.js';
import { contextSwitch, libcShared, userTouchesKernel } from './processes.js';
export const EXAMPLES = [
    allLowmem,
    highmemKmap,
    vmalloc16m,
    kmallocDma,
    userTouchesKernel,
    contextSwitch,
    libcShared,
];
//# sourceMappingURL=index.js.map