/**
 * A layout: an address space as data. Page size, the radix tree of the page tables, the user/kernel split and
 * the kernel's regions, the zones of physical memory, all as they follow from the amount of RAM.
 *
 * Addresses are bigint here (layouts are made once and read by people); the machine turns them into page
 * numbers, which fit in a double, for its loops.
 */
export {};
//# sourceMappingURL=layout.js.map