/**
 * A map from numbers to positive 32-bit numbers, for millions of pointers that come and go: typed arrays with open
 * addressing and linear probing, so that nothing is left for the garbage collector. A Map boxes keys above 2^31.
 */
const FIRST_SLOTS = 1024;
/** Multiplier of Fibonacci hashing: 2^32 over the golden ratio. */
const GOLDEN = 0x9e3779b1;
export class NumberMap {
    /** 0 in `values` marks a free slot. */
    keys = new Float64Array(FIRST_SLOTS);
    values = new Uint32Array(FIRST_SLOTS);
    count = 0;
    /** 0 when there is no such key. */
    get(key) {
        return this.values[this.slotOf(key)];
    }
    /** @param value 1 to 2^32 - 1 */
    set(key, value) {
        const slot = this.slotOf(key);
        if (this.values[slot] === 0)
            this.count++;
        this.keys[slot] = key;
        this.values[slot] = value;
        if (2 * this.count > this.keys.length)
            this.grow();
    }
    delete(key) {
        const { keys, values } = this;
        const last = keys.length - 1;
        let free = this.slotOf(key);
        if (values[free] === 0)
            return;
        this.count--;
        // keys behind that were pushed on past the slot move up, so that no search ends too early
        for (let at = (free + 1) & last; values[at] !== 0; at = (at + 1) & last) {
            const home = hash(keys[at]) & last;
            if (((at - home) & last) < ((at - free) & last))
                continue;
            keys[free] = keys[at];
            values[free] = values[at];
            free = at;
        }
        values[free] = 0;
    }
    /** Where the key is, or would be put. */
    slotOf(key) {
        const { keys, values } = this;
        const last = keys.length - 1;
        let slot = hash(key) & last;
        while (values[slot] !== 0 && keys[slot] !== key)
            slot = (slot + 1) & last;
        return slot;
    }
    grow() {
        const { keys, values } = this;
        this.keys = new Float64Array(2 * keys.length);
        this.values = new Uint32Array(2 * keys.length);
        this.count = 0;
        for (let slot = 0; slot < keys.length; slot++)
            if (values[slot] !== 0)
                this.set(keys[slot], values[slot]);
    }
}
/** Pointers are aligned: their low bits say little, so the product's high bits are folded in. */
function hash(key) {
    const product = Math.imul(key | 0, GOLDEN);
    return product ^ (product >>> 15);
}
//# sourceMappingURL=number-map.js.map