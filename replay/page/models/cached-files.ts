/** Whose page of the page cache a slot is. */
import type { FileRecord, Machine } from '../../../core/machine/machine.ts';

export class CachedFiles {
  private readonly files: readonly FileRecord[];
  /** Pages of a file come in runs. */
  private last: FileRecord | undefined;

  constructor({ records }: Machine) {
    this.files = Object.values(records.files)
      .filter(({ nrPages }) => nrPages > 0)
      .sort((a, b) => a.firstSlot - b.firstSlot);
  }

  at(slot: number): FileRecord | undefined {
    if (this.last === undefined || !holds(this.last, slot)) this.last = this.find(slot);
    return this.last;
  }

  private find(slot: number): FileRecord | undefined {
    let low = 0;
    let high = this.files.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.files[middle]!.firstSlot <= slot) low = middle + 1;
      else high = middle;
    }
    const file = this.files[low - 1];
    return file !== undefined && holds(file, slot) ? file : undefined;
  }
}

function holds({ firstSlot, nrPages }: FileRecord, slot: number): boolean {
  return firstSlot <= slot && slot < firstSlot + nrPages;
}
