/**
 * What became of the events of one lane: counts by kind and status, types of addresses given, and which failures
 * were the first of their sort. Accesses that went well are passed over four at a time; the machine counts those.
 */
import { CONTINUED } from '../core/event/access-mode.js';
import { EVENT_KINDS, KIND_NAMES } from '../core/event/kinds.js';
import { ADDRESS_NAMES, ADDRESS_SHIFT, EXISTS, NO_CACHE, STATUSES, } from '../core/outcome.js';
import { FOUR_ACCESSES, wordsOf } from './columns.js';
const ACCESS = EVENT_KINDS.access.code;
const KIND_CODES = 256;
/** Kinds that ask for memory or for an address. */
export const ALLOCATING_KINDS = [
    'page_alloc',
    'kmalloc',
    'kmem_cache_alloc',
    'vmalloc',
    'ioremap',
    'vmap',
    'vm_area',
    'kmap',
    'kmap_local',
    'mmap',
    'brk',
    'spawn',
    'fork',
];
/** By kind code: its object (or process) exists from here on, if it goes well. */
export const CREATES = new Uint8Array(KIND_CODES);
for (const kind of [...ALLOCATING_KINDS, 'file', 'kmem_cache_create'])
    CREATES[EVENT_KINDS[kind].code] = 1;
/** Objects, processes, files and slab caches are numbered apart. */
const SPACES = ['object', 'pid', 'file', 'cache'];
const CACHE_SPACE = SPACES.indexOf('cache');
/** By kind code: the number space of its `object` column. */
const NUMBER_SPACE = new Uint8Array(KIND_CODES);
for (const { code, fields } of Object.values(EVENT_KINDS)) {
    const subject = Object.entries(fields).find(([, column]) => column === 'object');
    NUMBER_SPACE[code] = subject === undefined ? 0 : SPACES.indexOf(subject[0]);
}
/** Names what an event is about, whatever its number space. */
export function subjectOf(batch, at) {
    return NUMBER_SPACE[batch.kind[at]] * 2 ** 32 + batch.object[at];
}
/** Names what an event lacked: mostly what it is about, but an object may lack its cache. */
function missingOf(batch, at, status) {
    const lacksCache = status === NO_CACHE && batch.kind[at] === EVENT_KINDS.kmem_cache_alloc.code;
    return lacksCache ? CACHE_SPACE * 2 ** 32 + batch.a[at] : subjectOf(batch, at);
}
export class Tally {
    events = 0;
    /** Accesses that failed, as the machine counts references: the second parts of cut ones left out. */
    failedReferences = 0;
    counts = new Float64Array(KIND_CODES * STATUSES.length);
    addresses = new Float64Array(ADDRESS_NAMES.length);
    /** Where the creation of things that do not exist failed. */
    origins = new Map();
    /** Takes in the next batch; returns the failures that are the first of their sort. */
    add(batch, outcomes) {
        const { count, kind } = batch;
        const { status } = outcomes;
        const kinds = wordsOf(kind, count);
        const statuses = wordsOf(status, count);
        const news = [];
        for (let word = 0; word < kinds.length; word++) {
            if (kinds[word] === FOUR_ACCESSES && statuses[word] === 0)
                continue;
            const end = Math.min(4 * word + 4, count);
            for (let at = 4 * word; at < end; at++) {
                if (kind[at] !== ACCESS || status[at] !== 0)
                    this.addOne(batch, outcomes, at, news);
            }
        }
        this.events += count;
        return news;
    }
    /** By kind: how many came out with which status. */
    byKind(kinds) {
        const table = {};
        for (const kind of kinds) {
            const counts = this.statusCounts(EVENT_KINDS[kind].code);
            if (Object.keys(counts).length > 0)
                table[kind] = counts;
        }
        return table;
    }
    /** By type of address: how many were given. */
    addressTypes() {
        return Object.fromEntries(ADDRESS_NAMES.map((name, i) => [name, this.addresses[i]]));
    }
    statusCounts(code) {
        const counts = {};
        STATUSES.forEach(({ name }, status) => {
            const count = this.counts[code * STATUSES.length + status];
            if (count > 0)
                counts[name] = count;
        });
        return counts;
    }
    addOne(batch, outcomes, at, news) {
        const kind = batch.kind[at];
        const status = outcomes.status[at];
        const seen = ++this.counts[kind * STATUSES.length + status];
        if (status === 0) {
            const type = outcomes.flags[at] >>> ADDRESS_SHIFT;
            if (type !== 0)
                this.addresses[type]++;
            if (this.origins.size > 0 && CREATES[kind] === 1)
                this.origins.delete(subjectOf(batch, at));
            return;
        }
        if (kind === ACCESS && (batch.c[at] & CONTINUED) === 0)
            this.failedReferences++;
        const subject = subjectOf(batch, at);
        if (seen === 1) {
            const origin = this.origins.get(missingOf(batch, at, status));
            news.push({ at, status: STATUSES[status].name, origin });
        }
        if (CREATES[kind] === 1 && status !== EXISTS && !this.origins.has(subject)) {
            this.origins.set(subject, { event: this.events + at, kind: KIND_NAMES[kind] });
        }
    }
}
//# sourceMappingURL=tally.js.map