/**
 * Keys: how a TLB knows a page. The page number, in units of the page's own size, plus a tag in the bits above that
 * says whose page and of which size it is. 0 is no key: an empty entry.
 *
 *     key = (1 + asid * 4 + sizeClass) * 2^45 + (vpn >> (bits of that size class))
 *
 * asid 0 is the kernel's: global pages, which survive a switch. sizeClass 0 is a base page, 1 a page mapped one
 * level up, and so on. 45 bits hold the page numbers of 57-bit addresses; what a double holds exactly leaves room for
 * asids up to 62. Entries hold no frame: the kernel model flushes whatever it changes, so the page table always agrees
 * (paging/invariants.ts checks it).
 */
const PAGE_SPAN = 2 ** 45;
export const SIZE_CLASSES = 4;

/** What the number of a page is added to, to give its key. */
export function keyBase(asid: number, sizeClass: number): number {
  return (1 + asid * SIZE_CLASSES + sizeClass) * PAGE_SPAN;
}

/** Above every key: what is exact in a double leaves no room for more. */
export const END_OF_KEYS = 2 ** 53;

/** The tag of a key: asid and size class in one number. */
export function keyTag(key: number): number {
  return Math.floor(Math.abs(key) / PAGE_SPAN) - 1;
}

/** The page of a key, in units of the page's own size. */
export function keyPage(key: number): number {
  const positive = Math.abs(key);
  return positive - Math.floor(positive / PAGE_SPAN) * PAGE_SPAN;
}

/** The asid of a tag; 0: the kernel’s. */
export function tagAsid(tag: number): number {
  return Math.floor(tag / SIZE_CLASSES);
}

/** The size class of a tag; 0: a base page. */
export function tagSizeClass(tag: number): number {
  return tag % SIZE_CLASSES;
}
