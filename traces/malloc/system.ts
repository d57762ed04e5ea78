/** What malloc asks of the system. Addresses and sizes are bytes; sizes are whole pages. */
export interface MallocSystem {
  /** Moves the end of the heap, down where it is negative; returns where that was before. Undefined: it does not go so far. */
  sbrk(bytes: number): number | undefined;
  /** Zeroed memory of its own. */
  map(bytes: number): number;
  unmap(address: number, bytes: number): void;
  /** May move it. */
  remap(address: number, oldBytes: number, newBytes: number): number;
  /** Addresses for arenas, without memory; at `hint` if there is room. */
  reserve(bytes: number, hint: number | undefined): number;
  /** Makes reserved addresses memory. */
  commit(address: number, bytes: number): void;
  /** Gives the pages back, not the addresses. */
  discard(address: number, bytes: number): void;
  /** The allocator itself reads or writes these. */
  read(address: number, bytes: number): void;
  write(address: number, bytes: number): void;
}
