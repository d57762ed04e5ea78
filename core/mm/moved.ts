/** Where objects lie in an address space that were moved there (mremap): a sorted tree by object. */
import { type Order, SortedTree } from '../state/sorted-tree.ts';

interface Place {
  readonly object: number;
  /** Page at which page 0 of the object lies, or would lie. */
  readonly base: number;
}

class ByObject implements Order<Place> {
  isBefore(place: Place, object: number): boolean {
    return place.object < object;
  }
}

/** Immutable. */
export class Moved {
  private readonly places: SortedTree<Place>;

  private constructor(places: SortedTree<Place>) {
    this.places = places;
  }

  static readonly NOTHING = new Moved(SortedTree.empty(new ByObject()));

  /** What `toJSON` gave. */
  static fromJSON(bases: Readonly<Record<string, number>>): Moved {
    return Object.entries(bases).reduce(
      (moved, [object, base]) => moved.with(Number(object), base),
      Moved.NOTHING,
    );
  }

  baseOf(object: number): number | undefined {
    if (this.places.count === 0) return undefined;
    const place = this.places.at(object);
    return place?.object === object ? place.base : undefined;
  }

  /** `base` undefined: it lies where it was first put, or nowhere. */
  with(object: number, base: number | undefined): Moved {
    const isThere = this.baseOf(object) !== undefined;
    if (!isThere && base === undefined) return this;
    const edit = this.places.edit();
    if (base === undefined) edit.remove(object);
    else if (isThere) edit.replace({ object, base }, object);
    else edit.insert({ object, base }, object);
    return new Moved(edit.seal());
  }

  /** In JSON, and so in digests, an object. */
  toJSON(): Record<number, number> {
    return Object.fromEntries(this.places.toArray().map(({ object, base }) => [object, base]));
  }
}
