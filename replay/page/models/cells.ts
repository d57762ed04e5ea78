/** Cells of a map of frames: each stands for 2^k frames and counts how many of them are of which class. */

/** A map has no more: its classes and their names fit a legend, and a cell of the counts is not large. */
export const MOST_CLASSES = 24;

/** Frames [first, end), cut into cells of `framesPerCell`, a power of two, which begin at its multiples. */
export class CellCounts {
  readonly first: number;
  readonly end: number;
  readonly framesPerCell: number;
  readonly length: number;
  private readonly shift: number;
  private readonly nrClasses: number;
  private readonly counts: Uint32Array;
  private readonly firstCell: number;

  /** As many cells as `most` allows. */
  constructor(first: number, end: number, most: number, nrClasses: number) {
    let shift = 0;
    while (cellsBetween(first, end, shift) > most) shift++;
    this.first = first;
    this.end = end;
    this.shift = shift;
    this.framesPerCell = 2 ** shift;
    this.firstCell = Math.floor(first / this.framesPerCell);
    this.length = cellsBetween(first, end, shift);
    this.nrClasses = nrClasses;
    this.counts = new Uint32Array(this.length * nrClasses);
  }

  /** Frames [from, to), which are in range. */
  add(from: number, to: number, cls: number): void {
    const { shift, firstCell, nrClasses, counts } = this;
    for (let pfn = from; pfn < to; ) {
      const cell = pfn >>> shift;
      const cellEnd = (cell + 1) << shift;
      const next = cellEnd < to ? cellEnd : to;
      counts[(cell - firstCell) * nrClasses + cls]! += next - pfn;
      pfn = next;
    }
  }

  /** `count` frames that were counted as one class are of another; frames out of range are nobody's business. */
  move(pfn: number, count: number, from: number, to: number): void {
    const { shift, firstCell, nrClasses, counts } = this;
    const end = Math.min(pfn + count, this.end);
    for (let page = Math.max(pfn, this.first); page < end; ) {
      const cell = page >>> shift;
      const cellEnd = (cell + 1) << shift;
      const next = cellEnd < end ? cellEnd : end;
      const row = (cell - firstCell) * nrClasses;
      counts[row + from]! -= next - page;
      counts[row + to]! += next - page;
      page = next;
    }
  }

  /** By cell: the class of most of its frames (of several the first), and their share in 255ths. By class: frames. */
  result(): { classOf: Uint8Array; shares: Uint8Array; frames: number[] } {
    const { length, nrClasses, counts } = this;
    const classOf = new Uint8Array(length);
    const shares = new Uint8Array(length);
    const frames = new Array<number>(nrClasses).fill(0);
    for (let cell = 0, at = 0; cell < length; cell++) {
      let most = 0;
      let best = 0;
      let all = 0;
      for (let cls = 0; cls < nrClasses; cls++) {
        const count = counts[at++]!;
        if (count === 0) continue;
        all += count;
        frames[cls]! += count;
        if (count > most) {
          most = count;
          best = cls;
        }
      }
      classOf[cell] = best;
      shares[cell] = Math.round((255 * most) / all);
    }
    return { classOf, shares, frames };
  }
}

function cellsBetween(first: number, end: number, shift: number): number {
  return Math.ceil(end / 2 ** shift) - Math.floor(first / 2 ** shift);
}
