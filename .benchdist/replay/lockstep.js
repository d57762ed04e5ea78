import { KIND_NAMES } from '../core/event/kinds.js';
import { EXISTS, NO_OBJECT, NO_PROCESS, TLB_MASK } from '../core/outcome.js';
import { FOUR_ACCESSES, wordsOf } from './columns.js';
import { categoryOf, explainDifference, sortOf, } from './difference.js';
import { Rewind } from './rewind.js';
import { CREATES, subjectOf } from './tally.js';
/** Flag bits that make a difference, in each of four events. */
const TELLING_FLAGS = ~(TLB_MASK * 0x01010101);
const TLB_FLAGS = TLB_MASK * 0x01010101;
const LOW_BITS = 0x01010101;
/** Statuses which show that some lane has, or lacks, what the others lack or have. */
const MISSING_OR_LEFT_OVER = new Set([NO_OBJECT, NO_PROCESS, EXISTS]);
export class Lockstep {
    names;
    limit;
    events = 0;
    total = 0;
    consequences = 0;
    tlbLevel = 0;
    byCategory = { status: 0, addressType: 0, fault: 0 };
    byKind = new Float64Array(256);
    /** The sorts seen, in order, each with how often. */
    sorts = new Map();
    /** Things that are not the same in all lanes any more; what happens to them next is a consequence. */
    uneven = new Set();
    work = [new Int32Array(0), new Int32Array(0)];
    /** `names` are those of the lanes, in their order. */
    constructor(names, { first = 10 } = {}) {
        this.names = names;
        this.limit = first;
    }
    /** Compares what the lanes made of the next batch. */
    add(batch, steps) {
        const scene = this.sceneOf(batch, steps);
        if (this.uneven.size > 0 || !allAlike(scene.outcomes))
            this.look(scene);
        this.events += batch.count;
    }
    result() {
        const kinds = [...this.byKind].map((count, code) => [KIND_NAMES[code], count]);
        return {
            total: this.total,
            byCategory: { ...this.byCategory },
            byKind: Object.fromEntries(kinds.filter(([, count]) => count > 0)),
            consequences: this.consequences,
            tlbLevel: this.tlbLevel,
            first: [...this.sorts.values()].map(({ first, count }) => ({ ...first, count })),
        };
    }
    look(scene) {
        const { batch } = scene;
        const words = (batch.count + 3) >> 2;
        const differs = this.compare(scene.outcomes, batch.count, words);
        const kinds = wordsOf(batch.kind, batch.count);
        for (let word = 0; word < words; word++) {
            // Creations that went well everywhere end a consequence; they matter only while there are any.
            if (differs[word] === 0 && (this.uneven.size === 0 || kinds[word] === FOUR_ACCESSES))
                continue;
            const end = Math.min(4 * word + 4, batch.count);
            for (let at = 4 * word; at < end; at++)
                this.addOne(scene, at);
        }
    }
    sceneOf(batch, steps) {
        const outcomes = steps.map((step) => step.outcomes);
        const rewinds = steps.map((step) => new Rewind(step.before, batch));
        return { batch, firstEvent: this.events, names: this.names, outcomes, rewinds };
    }
    /** A word for every four events: not zero where some lane tells another story than the first. */
    compare([first, ...others], count, words) {
        const differs = this.scratch(0, words);
        const levels = this.scratch(1, words);
        const status = wordsOf(first.status, count);
        const flags = wordsOf(first.flags, count);
        for (const other of others) {
            const otherStatus = wordsOf(other.status, count);
            const otherFlags = wordsOf(other.flags, count);
            for (let word = 0; word < words; word++) {
                const flagBits = flags[word] ^ otherFlags[word];
                const statusBits = status[word] ^ otherStatus[word];
                if ((flagBits | statusBits) === 0)
                    continue;
                differs[word] |= (flagBits & TELLING_FLAGS) | statusBits;
                levels[word] |= flagBits & TLB_FLAGS;
            }
        }
        for (let word = 0; word < words; word++) {
            if (levels[word] !== 0)
                this.tlbLevel += bytesWithBits(levels[word]);
        }
        return differs;
    }
    /** Zeroed words to work on; kept from batch to batch. */
    scratch(which, words) {
        if (this.work[which].length < words)
            this.work[which] = new Int32Array(words);
        return this.work[which].fill(0, 0, words);
    }
    addOne(scene, at) {
        const { batch, outcomes } = scene;
        const kind = batch.kind[at];
        const category = categoryOf(outcomes, at);
        if (category === undefined) {
            if (CREATES[kind] === 1)
                this.uneven.delete(subjectOf(batch, at));
        }
        else if (this.isConsequence(scene, at)) {
            this.consequences++;
        }
        else {
            if (category === 'status')
                this.uneven.add(subjectOf(batch, at));
            this.total++;
            this.byCategory[category]++;
            this.byKind[kind]++;
            this.keep(scene, at, category);
        }
    }
    isConsequence({ batch, outcomes }, at) {
        if (outcomes.some(({ status }) => MISSING_OR_LEFT_OVER.has(status[at])))
            return true;
        return CREATES[batch.kind[at]] === 0 && this.uneven.has(subjectOf(batch, at));
    }
    /** Counts the sort of a difference, and explains the first of each. */
    keep(scene, at, category) {
        const sort = sortOf(scene, at);
        const known = this.sorts.get(sort);
        if (known !== undefined)
            known.count++;
        else if (this.sorts.size < this.limit)
            this.sorts.set(sort, { first: explainDifference(scene, at, category), count: 1 });
    }
}
/** By memcmp: whole columns in less than a microsecond. */
function allAlike([first, ...others]) {
    return others.every(({ status, flags }) => Buffer.compare(status, first.status) === 0 && Buffer.compare(flags, first.flags) === 0);
}
/** Number of bytes of a word in which one of the two low bits is set. */
function bytesWithBits(word) {
    return Math.imul((word | (word >>> 1)) & LOW_BITS, LOW_BITS) >>> 24;
}
//# sourceMappingURL=lockstep.js.map