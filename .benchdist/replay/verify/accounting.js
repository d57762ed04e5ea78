import { pagesOfBlocks } from '../../traces/index.js';
import { ReadFigure } from './range.js';
export class Accounting {
    phases = [];
    books;
    scores;
    constructor(zones, scores) {
        this.books = zones.map((zone) => ({
            zone,
            free: new ReadFigure(),
            lastRead: Number.NaN,
            managed: zone.managedPages,
        }));
        this.scores = scores;
    }
    /** The buddy allocator got (or gave, negative) so many pages. */
    add(zone, pages) {
        this.books[zone.index].free.add(pages);
    }
    /** Pages that are surely free in a zone, NaN when that is not known. */
    freeIn(zone) {
        return this.books[zone.index].free.value.low;
    }
    /** Some events are missing. */
    forget() {
        for (const { free } of this.books)
            free.forget();
    }
    beginReading() {
        for (const { free } of this.books)
            free.beginReading();
    }
    endReading(moment, here) {
        const { label, buddyinfo } = moment;
        if (buddyinfo === undefined)
            return;
        const zones = this.books.flatMap((book) => this.read(book, moment, here) ?? []);
        if (zones.length > 0)
            this.phases.push({ label, zones });
    }
    read(book, { buddyinfo, zoneinfo }, here) {
        const { zone, free, lastRead } = book;
        const blocks = buddyinfo?.find((candidate) => candidate.zone === zone.name)?.freeBlocks;
        if (blocks === undefined)
            return undefined;
        const managed = zoneinfo?.find((candidate) => candidate.zone === zone.name)?.managed ?? book.managed;
        free.correct(managed - book.managed);
        book.managed = managed;
        const found = pagesOfBlocks(blocks);
        book.lastRead = found;
        const wasKnown = free.isKnown;
        const expected = free.endReading(found);
        if (!wasKnown)
            return undefined;
        const agrees = expected.has(found);
        const change = { expected: changeOf(expected.low, expected.high, lastRead), found: found - lastRead };
        if (!expected.isExact)
            this.scores.unpredictable('accounting', 'the buddy allocator was at work while buddyinfo was read');
        else
            this.scores.check('accounting', agrees, here, () => ({
                expected: `${zone.name}: ${change.expected} pages`,
                because: 'drains and direct frees less what the buddy allocator gave',
                found: `${change.found} pages`,
                known: '',
            }));
        return { zone: zone.name, ...change, agrees };
    }
}
function changeOf(low, high, lastRead) {
    return low === high ? String(low - lastRead) : `${low - lastRead} to ${high - lastRead}`;
}
//# sourceMappingURL=accounting.js.map