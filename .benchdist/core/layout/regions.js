/** What people call each kind of region. */
export const REGION_NAMES = {
    user: 'user space',
    direct: 'direct map',
    vmalloc: 'vmalloc area',
    pkmap: 'kmap area',
    fixmap: 'fixmap',
    cpu_entry_area: 'cpu entry area',
    ldt: 'LDT remap',
    modules: 'modules',
    vmemmap: 'memory map',
    kernel_image: 'kernel image',
};
export function region(kind, { start, end }) {
    return { kind, name: REGION_NAMES[kind], start, end };
}
export function ascending(regions) {
    return [...regions].sort((a, b) => (a.start < b.start ? -1 : 1));
}
/** The region of a kind, if the layout has one. */
export function regionOfKind({ regions }, wanted) {
    return regions.find(({ kind }) => kind === wanted);
}
/** The region that an address lies in, if any. */
export function regionOf(layout, address) {
    return layout.regions.find(({ start, end }) => start <= address && address < end);
}
/** An address in the width of the layout's registers: `0xc0000000`, `0x00007ffff7fff000`. */
export function toHex(layout, address) {
    return `0x${address.toString(16).padStart(layout.wordBits / 4, '0')}`;
}
/** Address of a virtual page number, sign-extended where the layout does so: the inverse of `pageNumber`. */
export function pageAddress({ pageShift, wordBits, virtualBits }, vpn) {
    const address = BigInt(vpn) << BigInt(pageShift);
    const isNegative = wordBits > virtualBits && address >> BigInt(virtualBits - 1) === 1n;
    return isNegative ? BigInt.asUintN(wordBits, address - (1n << BigInt(virtualBits))) : address;
}
//# sourceMappingURL=regions.js.map