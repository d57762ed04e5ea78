/** Free blocks that may have merged with a buddy of unknown state, so that they may be part of larger ones. */
import { FRAME, FRAME_MIGRATE_TYPE } from '../../core/phys/frames.js';
import { MIGRATE_PCPTYPES } from '../../core/phys/migrate.js';
import { MAX_ORDER } from '../../core/phys/zones.js';
export class DoubtfulBlocks {
    draft;
    /** By first frame: the cell of `counts` that counts it. */
    blocks = new Map();
    /** By zone, migrate type and order. */
    counts = [];
    constructor(draft) {
        this.draft = draft;
    }
    add(zone, pfn) {
        this.delete(pfn);
        const { frames } = this.draft;
        const cell = cellOf(zone, frames.get(pfn, FRAME_MIGRATE_TYPE), frames.get(pfn, FRAME.order));
        this.blocks.set(pfn, cell);
        this.counts[cell] = (this.counts[cell] ?? 0) + 1;
    }
    delete(pfn) {
        const cell = this.blocks.get(pfn);
        if (cell === undefined)
            return;
        this.blocks.delete(pfn);
        this.counts[cell]--;
    }
    includes(pfn) {
        return this.blocks.has(pfn);
    }
    /** Whether there are any below an order. */
    has(zone, migratetype, below) {
        for (let order = 0; order < below; order++)
            if (this.counts[cellOf(zone, migratetype, order)])
                return true;
        return false;
    }
    of(zone, migratetype) {
        const first = cellOf(zone, migratetype, 0);
        return [...this.blocks]
            .filter(([, cell]) => cell >= first && cell < first + MAX_ORDER)
            .map(([pfn]) => pfn);
    }
}
function cellOf(zone, migratetype, order) {
    return (zone.index * MIGRATE_PCPTYPES + migratetype) * MAX_ORDER + order;
}
//# sourceMappingURL=doubtful-blocks.js.map