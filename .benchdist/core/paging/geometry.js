/** The shape of the MMU: its TLBs, its walk cache, and the radix tree of the layout in a form made for loops. */
import { UsageError } from '../errors.js';
/**
 * Intel Skylake (Optimization Reference Manual, table 2-12 for the client core: ITLB 128 entries 8-way, DTLB 64
 * entries 4-way, STLB 1536 entries 12-way). Simplified: entries of all page sizes share each TLB.
 */
export const DEFAULT_MMU = {
    l1i: { sets: 16, ways: 8 },
    l1d: { sets: 16, ways: 4 },
    l2: { sets: 128, ways: 12 },
    walkCacheEntries: 32,
};
export function mmuGeometry(layout, options) {
    const { levels, largePageLevels, nx } = layout.translation;
    // PCID exists in 64-bit mode only (Intel SDM vol. 3A, 4.10.1).
    const chosen = { ...DEFAULT_MMU, pcid: layout.wordBits === 64, ...options };
    for (const name of ['l1i', 'l1d', 'l2'])
        checkTlb(name, chosen[name]);
    let span = 1;
    const walkLevels = [];
    for (let i = levels.length - 1; i >= 0; i--) {
        const { name, bits } = levels[i];
        walkLevels.unshift({
            name,
            scale: 1 / span,
            mask: 2 ** bits - 1,
            span,
            mayBeLarge: largePageLevels.includes(i),
        });
        span *= 2 ** bits;
    }
    return {
        ...chosen,
        nx,
        pageShift: layout.pageShift,
        levels: walkLevels,
        entriesPerTable: Math.max(...walkLevels.map((level) => level.mask + 1)),
        leafEntries: walkLevels[walkLevels.length - 1].mask + 1,
    };
}
function checkTlb(name, { sets, ways }) {
    const powerOfTwo = Number.isInteger(Math.log2(sets)) && sets >= 1 && sets <= 65_536;
    if (powerOfTwo && Number.isInteger(ways) && ways >= 1 && ways <= 1024)
        return;
    throw new UsageError(`TLB ${name}: ${sets} sets of ${ways} ways; expected a power of two up to 65536 sets and 1 to 1024 ways`);
}
//# sourceMappingURL=geometry.js.map