/** Sizes, and the step between addresses (bigint) and page frame numbers (number), of 4 KiB unless said otherwise. */
export const KIB = 1n << 10n;
export const MIB = 1n << 20n;
export const GIB = 1n << 30n;
export const TIB = 1n << 40n;

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 1n << BigInt(PAGE_SHIFT);

/** PFN_DOWN: the page frame that holds this byte. */
export function pfnOf(address: bigint, pageShift = PAGE_SHIFT): number {
  return Number(address >> BigInt(pageShift));
}

/** PFN_UP: the first page frame that starts at or above this byte. */
export function pfnUp(address: bigint, pageShift = PAGE_SHIFT): number {
  return pfnOf(address + (1n << BigInt(pageShift)) - 1n, pageShift);
}

/** PFN_PHYS: the first byte of a page frame. */
export function addressOf(pfn: number, pageShift = PAGE_SHIFT): bigint {
  return BigInt(pfn) << BigInt(pageShift);
}

/** `alignment` is a power of two. */
export function alignDown(address: bigint, alignment: bigint): bigint {
  return address & -alignment;
}

/** The lowest multiple of `alignment`, a power of two, that is not below `address`. */
export function alignUp(address: bigint, alignment: bigint): bigint {
  return alignDown(address + alignment - 1n, alignment);
}

const UNITS = [
  [TIB, 'TiB'],
  [GIB, 'GiB'],
  [MIB, 'MiB'],
  [KIB, 'KiB'],
] as const;

/** For messages, in the largest unit that is exact: `16 MiB`, `1537 MiB`, `4 GiB`. */
export function formatSize(bytes: bigint): string {
  const [unit, name] = UNITS.find(([unit]) => bytes !== 0n && bytes % unit === 0n) ?? [1n, 'bytes'];
  return `${bytes / unit} ${name}`;
}
