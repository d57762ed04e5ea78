/**
 * The VMAs of an address space, without overlaps: a tree by address, and an index of it by object, as two sorted trees
 * of the same VMAs. Finding, inserting, cutting and merging them, and the parts of an object, each in O(log n).
 */
import { type Order, SortedTree, type SortedTreeEdit } from '../state/sorted-tree.ts';
import { clipVma, continues, endVpn, VM_ANON, type Vma, vmaWith } from './vma.ts';

/** Places are pages. */
class ByAddress implements Order<Vma> {
  isBefore(vma: Vma, vpn: number): boolean {
    return vma.startVpn + vma.nrPages <= vpn;
  }
}

/** Places are objects, and pages of the address space. */
class ByObject implements Order<Vma> {
  isBefore(vma: Vma, object: number, vpn: number): boolean {
    return vma.object < object || (vma.object === object && vma.startVpn + vma.nrPages <= vpn);
  }
}

/** Sealed, or (VmasEdit) open for change. */
export class Vmas {
  /** @internal */
  readonly byAddress: SortedTree<Vma>;
  /** @internal */
  readonly byObject: SortedTree<Vma>;

  /** @internal */
  constructor(byAddress: SortedTree<Vma>, byObject: SortedTree<Vma>) {
    this.byAddress = byAddress;
    this.byObject = byObject;
  }

  static readonly EMPTY = new Vmas(SortedTree.empty(new ByAddress()), SortedTree.empty(new ByObject()));

  /** Ascending, not overlapping. */
  static of(vmas: Iterable<Vma>): Vmas {
    const edit = Vmas.EMPTY.edit();
    for (const vma of vmas) edit.add(vma);
    return edit.seal();
  }

  get count(): number {
    return this.byAddress.count;
  }

  /** Ascending by address. */
  [Symbol.iterator](): IterableIterator<Vma> {
    return this.toArray()[Symbol.iterator]();
  }

  toArray(): Vma[] {
    return this.byAddress.toArray();
  }

  /** In JSON, and so in digests, they are a list. */
  toJSON(): Vma[] {
    return this.toArray();
  }

  /** The VMA that contains a page. */
  at(vpn: number): Vma | undefined {
    const vma = this.byAddress.at(vpn);
    return vma !== undefined && vma.startVpn <= vpn ? vma : undefined;
  }

  /** The first VMA that ends above a page, and the last that ends at or below it. */
  firstEndingAbove(vpn: number): Vma | undefined {
    return this.byAddress.at(vpn);
  }

  lastEndingBelow(vpn: number): Vma | undefined {
    return this.byAddress.before(vpn);
  }

  /** Those that have pages of [start, end), as far as they lie in it. */
  within(start: number, end: number): Vma[] {
    const parts: Vma[] = [];
    this.byAddress.visitFrom(start, 0, (vma) => {
      if (vma.startVpn >= end) return false;
      parts.push(clipVma(vma, Math.max(vma.startVpn, start), Math.min(endVpn(vma), end)));
      return true;
    });
    return parts;
  }

  /** Those that end above a page, ascending, until `visit` returns false. */
  visitFrom(vpn: number, visit: (vma: Vma) => boolean): void {
    this.byAddress.visitFrom(vpn, 0, visit);
  }

  maps(object: number): boolean {
    return this.firstOf(object) !== undefined;
  }

  /** The lowest VMA of an object; of those that end above a page. */
  firstOf(object: number, vpn = Number.NEGATIVE_INFINITY): Vma | undefined {
    const vma = this.byObject.at(object, vpn);
    return vma?.object === object ? vma : undefined;
  }

  /** The highest VMA of an object. */
  lastOf(object: number): Vma | undefined {
    const vma = this.byObject.before(object, Number.POSITIVE_INFINITY);
    return vma?.object === object ? vma : undefined;
  }

  /** The parts of an object in [start, end), pages of the object; `base` is where its page 0 lies. */
  partsOf(object: number, base: number, start: number, end: number): Vma[] {
    const parts: Vma[] = [];
    this.byObject.visitFrom(object, base + start, (vma) => {
      if (vma.object !== object || vma.startVpn >= base + end) return false;
      parts.push(clipVma(vma, Math.max(vma.startVpn, base + start), Math.min(endVpn(vma), base + end)));
      return true;
    });
    return parts;
  }

  edit(): VmasEdit {
    return new VmasEdit(this);
  }
}

/** VMAs open for change; each of them is replaced, never changed in place. */
export class VmasEdit extends Vmas {
  declare readonly byAddress: SortedTreeEdit<Vma>;
  declare readonly byObject: SortedTreeEdit<Vma>;
  private readonly base: Vmas;

  constructor(base: Vmas) {
    super(base.byAddress.edit(), base.byObject.edit());
    this.base = base;
  }

  /** Ends the edit. */
  seal(): Vmas {
    const byAddress = this.byAddress.seal();
    return byAddress === this.base.byAddress ? this.base : new Vmas(byAddress, this.byObject.seal());
  }

  /** Adds a VMA at its place, and merges it with neighbours that it continues (vma_merge). */
  insert(vma: Vma): void {
    const left = this.lastEndingBelow(vma.startVpn);
    const right = this.firstEndingAbove(vma.startVpn);
    const joinsLeft = left !== undefined && continues(left, vma);
    const joinsRight = right !== undefined && continues(vma, right);
    if (joinsLeft || joinsRight)
      this.merge(vma, joinsLeft ? left : undefined, joinsRight ? right : undefined);
    else this.add(vma);
  }

  /** With the neighbours that there are. */
  private merge(vma: Vma, left: Vma | undefined, right: Vma | undefined): void {
    const { startVpn, object, objectPage, prot, shared, file } = left ?? vma;
    const nrPages = endVpn(right ?? vma) - startVpn;
    const flags = vma.flags | (left?.flags ?? 0) | (right?.flags ?? 0);
    if (left !== undefined && right !== undefined) this.remove(right);
    this.replace((left ?? right)!, { startVpn, nrPages, object, objectPage, prot, flags, shared, file });
  }
  /** Takes [start, end), which one VMA contains, out. */
  cut(start: number, end: number): void {
    const vma = this.firstEndingAbove(start)!;
    const below = start > vma.startVpn ? clipVma(vma, vma.startVpn, start) : undefined;
    const above = end < endVpn(vma) ? clipVma(vma, end, endVpn(vma)) : undefined;
    if (below === undefined && above === undefined) this.remove(vma);
    else this.replace(vma, (below ?? above)!);
    if (below !== undefined && above !== undefined) this.add(above);
  }

  /** Gives a part of a VMA other attributes: splits it off, and merges it with what it is now like. */
  changePart(part: Vma, changed: Vma): void {
    const { startVpn } = part;
    const vma = this.firstEndingAbove(startVpn)!;
    const isWhole = vma.startVpn === startVpn && vma.nrPages === part.nrPages;
    if (isWhole && !this.continuesNeighbour(changed)) this.replace(vma, changed);
    else {
      this.cut(startVpn, endVpn(part));
      this.insert(changed);
    }
  }

  private continuesNeighbour(vma: Vma): boolean {
    const left = this.lastEndingBelow(vma.startVpn);
    const right = this.firstEndingAbove(endVpn(vma));
    return (left !== undefined && continues(left, vma)) || (right !== undefined && continues(vma, right));
  }

  /** A page of its own was faulted in (anon_vma_prepare), which merges nothing. */
  noteOwnPages(vma: Vma): void {
    if ((vma.flags & VM_ANON) === 0) this.replace(vma, vmaWith(vma, vma.prot, vma.flags | VM_ANON));
  }

  /** Adds a VMA as it is. */
  add(vma: Vma): void {
    this.byAddress.insert(vma, vma.startVpn);
    this.byObject.insert(vma, vma.object, vma.startVpn);
  }

  remove({ object, startVpn }: Vma): void {
    this.byAddress.remove(startVpn);
    this.byObject.remove(object, startVpn);
  }

  /** By one of the same object, between the same neighbours. */
  private replace({ object, startVpn }: Vma, by: Vma): void {
    this.byAddress.replace(by, startVpn);
    this.byObject.replace(by, object, startVpn);
  }
}

/** The parts up to the first hole of [start, end), pages of their object. */
export function upToHole(parts: readonly Vma[], start: number): Vma[] {
  let next = start;
  const reached = parts.findIndex((part) => {
    const isHole = part.objectPage !== next;
    next = part.objectPage + part.nrPages;
    return isHole;
  });
  return reached < 0 ? parts.slice() : parts.slice(0, reached);
}
