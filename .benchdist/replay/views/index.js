/** The kernel's view of a simulated machine, in the kernel's own formats: the reports there are, by name. */
import { UsageError } from '../../core/errors.js';
import { buddyinfo } from './buddyinfo.js';
import { iomem } from './iomem.js';
import { kernelPageTables } from './kernel-page-tables.js';
import { meminfo } from './meminfo.js';
import { pagetypeinfo } from './pagetypeinfo.js';
import { slabinfo } from './slabinfo.js';
import { vmallocinfo } from './vmallocinfo.js';
import { zoneinfo } from './zoneinfo.js';
export const VIEWS = [
    buddyinfo,
    pagetypeinfo,
    zoneinfo,
    meminfo,
    vmallocinfo,
    slabinfo,
    iomem,
    kernelPageTables,
];
/** The view of this name; an unknown name is a UsageError that lists them. */
export function viewNamed(name) {
    const found = VIEWS.find((view) => view.name === name);
    if (found !== undefined)
        return found;
    throw new UsageError(`found view '${name}', expected one of ${VIEWS.map(({ name }) => name).join(', ')}`);
}
//# sourceMappingURL=index.js.map