/** Sums up (place, value) pairs; their order does not matter. */
export class Digest {
    low = 0;
    high = 0;
    add(place, value) {
        const seed = mix(mix(0x811c9dc5, place >>> 0), Math.floor(place / 2 ** 32));
        const h = mix(mix(seed, value >>> 0), Math.floor(value / 2 ** 32));
        this.low = (this.low + h) | 0;
        this.high = (this.high + mix(h, 0x9e3779b9)) | 0;
    }
    addText(place, text) {
        let h = 0x811c9dc5;
        for (let i = 0; i < text.length; i++)
            h = mix(h, text.charCodeAt(i));
        this.add(place, h >>> 0);
    }
    /** Two digests of disjoint parts make that of the whole. */
    merge(other) {
        this.low = (this.low + other.low) | 0;
        this.high = (this.high + other.high) | 0;
    }
    toString() {
        return hex(this.high) + hex(this.low);
    }
}
/** The state of a machine: everything that a later event could make a difference of. */
export function stateDigest(machine) {
    const digest = new Digest();
    const tables = [
        machine.frames,
        machine.objects,
        machine.tables,
        machine.ptes,
        machine.slabs,
        machine.slabLinks,
        machine.slabCaches,
        machine.slabCpus,
        machine.cacheNumbers,
        machine.pageCache,
        machine.kmapSlots,
        machine.cpus,
        machine.pageblocks,
        machine.pcpPages,
        machine.kmapLocal,
    ];
    tables.forEach((table, i) => {
        addTable(digest, partBase(i), table);
    });
    machine.tlbs.forEach((tlb, cpu) => {
        addCells(digest, partBase(20 + cpu), tlb ?? []);
    });
    addRanges(digest, partBase(100), machine.vmallocHoles);
    addRanges(digest, partBase(101), machine.pageCacheSlots);
    addRanges(digest, partBase(110), machine.vmallocLazy);
    addCells(digest, partBase(102), machine.vars);
    addCells(digest, partBase(98), machine.freeLists);
    addCells(digest, partBase(99), machine.pcps);
    addCells(digest, partBase(103), machine.counters);
    Object.values(machine.records).forEach((records, i) => {
        for (const record of Object.values(records))
            digest.addText(partBase(104 + i), JSON.stringify(record));
    });
    return digest.toString();
}
/** Cell numbers of a part start here; no table reaches the next one. */
function partBase(part) {
    return part * 2 ** 44;
}
function addTable(digest, base, table) {
    const { stride } = table.shape;
    table.forEachLeaf((leaf, firstRow) => addCells(digest, base + firstRow * stride, leaf));
}
function addCells(digest, base, cells) {
    for (let i = 0; i < cells.length; i++)
        if (cells[i] !== 0)
            digest.add(base + i, cells[i]);
}
function addRanges(digest, base, ranges) {
    ranges.starts.forEach((start, i) => {
        digest.add(base + 2 * i, start);
        digest.add(base + 2 * i + 1, ranges.ends[i]);
    });
}
/** MurmurHash3's body and a third of its finish (public domain, A. Appleby): good spread, cheap in int32. */
function mix(h, value) {
    let k = Math.imul(value, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    let x = h ^ Math.imul(k, 0x1b873593);
    x = (x << 13) | (x >>> 19);
    x = (Math.imul(x, 5) + 0xe6546b64) | 0;
    return x ^ (x >>> 16);
}
function hex(word) {
    return (word >>> 0).toString(16).padStart(8, '0');
}
//# sourceMappingURL=digest.js.map