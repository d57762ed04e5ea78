/**
 * What lies where in an address space of a traced process: intervals of addresses, each a piece of an object. The
 * addresses stay in here; events get the object and the offset in it.
 */

/** [start, end), in bytes, whole pages. Never changed once made. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly object: number;
  /** Where byte 0 of the object lies, or would lie. */
  readonly base: number;
  /**
   * Pieces of one region lie to each other under every layout as they did when traced: the object of one mmap, and
   * what MAP_FIXED put over parts of it.
   */
  readonly region: number;
  readonly mapping: Mapping;
}

/** What a piece is mapped as. */
export interface Mapping {
  /** Of the mmap event. */
  readonly flags: number;
  /** Name of the file, and the number of the part of it; undefined and 0 for anonymous memory. */
  readonly file: string | undefined;
  readonly fileNumber: number;
  /** Of a segment of shared memory of which nobody said how large it is. */
  readonly isPartOfSegment?: boolean;
}

/** The heap that brk moves the end of. */
export interface Heap {
  /** The break after execve, and now. */
  readonly start: number;
  readonly end: number;
  /** Undefined while the heap is empty. */
  readonly object: number | undefined;
}

export class AddressSpace {
  heap: Heap | undefined;
  /** Objects that vvar and vdso are, where the trace has no address of them. */
  hiddenVdso: { readonly vvar: number; readonly vdso: number } | undefined;
  /** Ascending, without overlaps. */
  private pieces: Piece[] = [];
  /** The list of pieces is another address space's too: whoever changes it first takes a copy. */
  private isShared = false;

  /** fork: the same, from here on apart. */
  copy(): AddressSpace {
    const copy = new AddressSpace();
    copy.heap = this.heap;
    copy.hiddenVdso = this.hiddenVdso;
    copy.pieces = this.pieces;
    copy.isShared = this.isShared = true;
    return copy;
  }

  /** What lies in [start, end), cut to it. */
  within(start: number, end: number): Piece[] {
    const found: Piece[] = [];
    for (let i = this.firstEndingAbove(start); i < this.pieces.length; i++) {
      const piece = this.pieces[i]!;
      if (piece.start >= end) break;
      found.push({ ...piece, start: Math.max(start, piece.start), end: Math.min(end, piece.end) });
    }
    return found;
  }

  /** What lies at an address. */
  pieceAt(address: number): Piece | undefined {
    const piece = this.pieces[this.firstEndingAbove(address)];
    return piece !== undefined && piece.start <= address ? piece : undefined;
  }

  /** What ends at or below an address, the nearest; and what begins at or above it. */
  neighbours(address: number): readonly [below: Piece | undefined, above: Piece | undefined] {
    const at = this.firstEndingAbove(address);
    return [this.pieces[at - 1], this.pieces[at]];
  }

  /** The parts of [start, end) where nothing lies. */
  holes(start: number, end: number): { start: number; end: number }[] {
    const holes: { start: number; end: number }[] = [];
    let at = start;
    for (const piece of this.within(start, end)) {
      if (piece.start > at) holes.push({ start: at, end: piece.start });
      at = piece.end;
    }
    if (at < end) holes.push({ start: at, end });
    return holes;
  }

  /** All of an object that is mapped here. */
  piecesOf(object: number): Piece[] {
    return this.pieces.filter((piece) => piece.object === object);
  }

  /** The object that these pieces are all of, from its beginning; undefined when there is none. */
  wholeObject([piece, ...others]: readonly Piece[]): number | undefined {
    if (piece === undefined || others.length > 0 || piece.start !== piece.base) return undefined;
    const [only, ...more] = this.piecesOf(piece.object);
    const isAll = more.length === 0 && only!.start === piece.start && only!.end === piece.end;
    return isAll ? piece.object : undefined;
  }

  /** All pieces at or above an address for which this holds. */
  piecesFrom(address: number, isWanted: (piece: Piece) => boolean): Piece[] {
    return this.pieces.slice(this.firstEndingAbove(address)).filter(isWanted);
  }

  /** Adds a piece where nothing lies. */
  add(piece: Piece): void {
    this.unshare();
    const at = this.firstEndingAbove(piece.start);
    const left = this.pieces[at - 1];
    const joins = left?.object === piece.object && left.base === piece.base && left.end === piece.start;
    if (joins) this.pieces[at - 1] = { ...left, end: piece.end };
    else this.pieces.splice(at, 0, piece);
  }

  /** Takes out whatever lies in [start, end). */
  cut(start: number, end: number): void {
    const first = this.firstEndingAbove(start);
    if (first === this.pieces.length || this.pieces[first]!.start >= end) return;
    this.unshare();
    const rest: Piece[] = [];
    let last = first;
    for (; last < this.pieces.length && this.pieces[last]!.start < end; last++) {
      const piece = this.pieces[last]!;
      if (piece.start < start) rest.push({ ...piece, end: start });
      if (piece.end > end) rest.push({ ...piece, start: end });
    }
    this.pieces.splice(first, last - first, ...rest);
  }

  private unshare(): void {
    if (this.isShared) this.pieces = [...this.pieces];
    this.isShared = false;
  }

  private firstEndingAbove(address: number): number {
    let low = 0;
    let high = this.pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.pieces[middle]!.end > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
