/**
 * Of which machine a heap is, as its first blocks show. An address beyond 4 GiB is one of 64 bits, blocks that are aligned to
 * 8 bytes are of most machines of 32 bits. Else blocks tell by how close they lie: with shorter words there is less between
 * them.
 */
import type { HeapLine } from '../heap/record.ts';
import { chunkBytes, type MallocSizes, SIZES_32, SIZES_32_WIDE, SIZES_64 } from '../malloc/index.ts';

const FOUR_GIB = 2 ** 32;
/** Of so many neighbours one may lie too close: a block may have been freed by a call that the trace does not have. */
const NEIGHBOURS_PER_LOST = 20;

export class HeapMachine {
  /** Whether blocks lie where glibc has put them; what another allocator does is only looked at for its alignment. */
  private readonly isGlibc: boolean;
  private readonly blocks = new BlocksInUse();
  private neighbours = 0;
  /** Neighbours that lie too close for a machine of 64 bits. */
  private close = 0;
  private isLong = false;
  private isAlignedShort = false;
  private decided: MallocSizes | undefined;

  constructor(isGlibc: boolean) {
    this.isGlibc = isGlibc;
  }

  /** Once asked for, it stays. */
  get sizes(): MallocSizes {
    this.decided ??= this.decide();
    return this.decided;
  }

  private decide(): MallocSizes {
    if (this.isLong) return SIZES_64;
    if (this.isAlignedShort) return SIZES_32;
    return this.close * NEIGHBOURS_PER_LOST > this.neighbours ? SIZES_32_WIDE : SIZES_64;
  }

  see({ record, pid = 0 }: HeapLine): void {
    if (this.decided !== undefined || this.isLong) return;
    const begins = record.kind === 'exec' || (record.kind === 'ignored' && record.begins === 'program');
    if (begins) this.blocks.clear(pid);
    if (record.kind === 'free') this.blocks.remove(pid, record.address);
    if (record.kind === 'realloc') this.blocks.remove(pid, record.old);
    if (record.kind === 'alloc' || record.kind === 'realloc') this.add(pid, record.address, record.size);
  }

  private add(pid: number, address: number, size: number): void {
    if (address === 0) return;
    this.isLong ||= address >= FOUR_GIB;
    this.isAlignedShort ||= address % SIZES_64.alignment !== 0;
    if (!this.isGlibc) return;
    const gaps = this.blocks.add(pid, address, size);
    this.neighbours += gaps.length;
    this.close += gaps.filter((gap) => gap.bytes < chunkBytes(SIZES_64, gap.size)).length;
  }
}

/** From the beginning of a block of `size` to that of the next. */
interface Gap {
  readonly size: number;
  readonly bytes: number;
}

class BlocksInUse {
  /** By pid, ascending. */
  private readonly addresses = new Map<number, number[]>();
  private readonly sizes = new Map<number, number>();

  /** The gaps before and behind it. */
  add(pid: number, address: number, size: number): Gap[] {
    this.remove(pid, address);
    const all = this.of(pid);
    const at = placeIn(all, address);
    const [before, after] = [all[at - 1], all[at]];
    all.splice(at, 0, address);
    this.sizes.set(address, size);
    return [
      ...(before === undefined ? [] : [{ size: this.sizes.get(before)!, bytes: address - before }]),
      ...(after === undefined ? [] : [{ size, bytes: after - address }]),
    ];
  }

  remove(pid: number, address: number): void {
    const all = this.of(pid);
    const at = placeIn(all, address);
    if (all[at] === address) all.splice(at, 1);
  }

  clear(pid: number): void {
    this.addresses.delete(pid);
  }

  private of(pid: number): number[] {
    const all = this.addresses.get(pid) ?? [];
    this.addresses.set(pid, all);
    return all;
  }
}

/** Index of the first that is not below `address`. */
function placeIn(ascending: readonly number[], address: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < address) low = middle + 1;
    else high = middle;
  }
  return low;
}
