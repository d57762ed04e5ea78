/** /proc/buddyinfo of a machine (frag_show of mm/vmstat.c, v6.1): zones that have memory. */
import { formatBuddyinfo } from '../../traces/index.js';
import { freeBlocks } from './free-counts.js';
import { viewOf } from './view.js';
export const buddyinfo = viewOf('buddyinfo', 'free blocks of the buddy allocator, by zone and order', (machine) => machine.platform.zones.map((zone) => ({
    node: 0,
    zone: zone.name,
    freeBlocks: freeBlocks(machine, zone),
})), formatBuddyinfo);
//# sourceMappingURL=buddyinfo.js.map