/**
 * Free ranges of a window of page numbers, ascending and merged: the holes of the vmalloc window, of the page
 * cache's slots. Immutable; `edit()` copies once per fold, as a table does.
 *
 * Kept as two parallel arrays. A first fit scans the holes, of which there are few (neighbours merge), and an
 * insertion moves what lies above: at some thousands of holes both are a memory-speed loop.
 */
export class RangeSet {
    /** @internal */
    starts;
    /** @internal First number behind the range. */
    ends;
    constructor(starts, ends) {
        this.starts = starts;
        this.ends = ends;
    }
    /** One free range [start, end). */
    static of(start, end) {
        return new RangeSet([start], [end]);
    }
    static empty() {
        return new RangeSet([], []);
    }
    /** @internal */
    static fromArrays(starts, ends) {
        return new RangeSet(starts, ends);
    }
    get count() {
        return this.starts.length;
    }
    /** Pages in the largest hole. */
    largest() {
        return this.starts.reduce((best, start, i) => Math.max(best, this.ends[i] - start), 0);
    }
    total() {
        return this.starts.reduce((sum, start, i) => sum + this.ends[i] - start, 0);
    }
    edit() {
        return new RangeSetEdit(this);
    }
}
export class RangeSetEdit {
    base;
    starts;
    ends;
    changed = false;
    constructor(base) {
        this.base = base;
        this.starts = base.starts;
        this.ends = base.ends;
    }
    /**
     * Takes `size` pages from the lowest hole where they fit, aligned; undefined when there is none. Holes of less
     * than `roomy` pages are passed over.
     */
    takeLowest(size, align = 1, roomy = size) {
        for (let i = 0; i < this.starts.length; i++) {
            if (this.ends[i] - this.starts[i] < roomy)
                continue;
            const start = Math.ceil(this.starts[i] / align) * align;
            if (start + size > this.ends[i])
                continue;
            this.carve(i, start, start + size);
            return start;
        }
        return undefined;
    }
    /** Gives [start, end) back; it must not be free already. */
    release(start, end) {
        this.own();
        const i = this.firstAbove(start);
        const joinsLower = i > 0 && this.ends[i - 1] === start;
        const joinsUpper = i < this.starts.length && this.starts[i] === end;
        if (joinsLower && joinsUpper) {
            this.ends[i - 1] = this.ends[i];
            this.starts.splice(i, 1);
            this.ends.splice(i, 1);
        }
        else if (joinsLower)
            this.ends[i - 1] = end;
        else if (joinsUpper)
            this.starts[i] = start;
        else {
            this.starts.splice(i, 0, start);
            this.ends.splice(i, 0, end);
        }
    }
    get count() {
        return this.starts.length;
    }
    /** Calls `visit` with every range, ascending. */
    forEach(visit) {
        for (let i = 0; i < this.starts.length; i++)
            visit(this.starts[i], this.ends[i]);
    }
    /** Takes over all ranges of `other`, which is empty afterwards. The two must not overlap. */
    absorb(other) {
        this.own();
        const starts = [...this.starts, ...other.starts].sort((a, b) => a - b);
        const ends = [...this.ends, ...other.ends].sort((a, b) => a - b);
        // Sorted apart they still belong together: no two ranges overlap. Those that touch become one.
        this.starts = starts.filter((start, i) => i === 0 || start !== ends[i - 1]);
        this.ends = ends.filter((end, i) => end !== starts[i + 1]);
        other.clear();
    }
    clear() {
        this.starts = [];
        this.ends = [];
        this.changed = true;
    }
    /** Pages in the largest hole. */
    largest() {
        return RangeSet.fromArrays(this.starts, this.ends).largest();
    }
    total() {
        return RangeSet.fromArrays(this.starts, this.ends).total();
    }
    seal() {
        if (!this.changed)
            return this.base;
        this.changed = false;
        return RangeSet.fromArrays(this.starts, this.ends);
    }
    /** Removes [start, end) from hole `i`, which contains it. */
    carve(i, start, end) {
        this.own();
        const holeStart = this.starts[i];
        const holeEnd = this.ends[i];
        if (start === holeStart && end === holeEnd) {
            this.starts.splice(i, 1);
            this.ends.splice(i, 1);
        }
        else if (start === holeStart)
            this.starts[i] = end;
        else if (end === holeEnd)
            this.ends[i] = start;
        else {
            this.ends[i] = start;
            this.starts.splice(i + 1, 0, end);
            this.ends.splice(i + 1, 0, holeEnd);
        }
    }
    /** Index of the first hole that starts above `page`. */
    firstAbove(page) {
        let low = 0;
        let high = this.starts.length;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (this.starts[middle] > page)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }
    own() {
        if (this.changed)
            return;
        this.starts = this.starts.slice();
        this.ends = this.ends.slice();
        this.changed = true;
    }
}
//# sourceMappingURL=ranges.js.map