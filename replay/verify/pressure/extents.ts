/**
 * What ext4 remembers of where a file lies, and gives back when memory is short: struct extent_status, looked through in the
 * order of the file, from where the last look ended; one that was used since it was looked at goes the next time
 * (es_do_reclaim_extents of fs/ext4/extents_status.c, v6.1).
 *
 * What is wanted again after that is made again, with all that its leaf tells.
 *
 * Simplified: there is one file; an extent is used when it is made.
 */
import type { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { Shrinker } from '../../../core/reclaim/shrinkers.ts';
import { NO_CLASS, OBJECT } from '../../../core/state/objects.ts';

/** An extent, or the hole before the next one, by its place in the file. */
export interface Made {
  readonly object: number;
  readonly at: number;
}

interface Extent extends Made {
  readonly isReferenced: boolean;
}

export class ExtentShrinker implements Shrinker {
  deferred = 0;
  /** Those that events make, in their order; and how many of them there were up to now. */
  private readonly made: readonly Made[];
  private born = 0;
  /** In the order of the file. */
  private live: Extent[] = [];
  private hand = 0;

  constructor(made: readonly Made[] = []) {
    this.made = made;
  }

  /** As it is now: a fold that is not to stay changes nothing. */
  copy(): ExtentShrinker {
    const other = new ExtentShrinker(this.made);
    Object.assign(other, { deferred: this.deferred, born: this.born, hand: this.hand, live: [...this.live] });
    return other;
  }

  /** Whether it is remembered, or will be made by an event that is to come. */
  has(at: number): boolean {
    if (this.live[this.placeOf(at)]?.at === at) return true;
    for (let i = this.born; i < this.made.length; i++) if (this.made[i]!.at === at) return true;
    return false;
  }

  count(draft: Draft): number {
    this.takeIn(draft);
    return this.live.length;
  }

  /** Those that events have made meanwhile. */
  takeIn({ objects }: Pick<Draft | Machine, 'objects'>): void {
    const { made, live } = this;
    for (; this.born < made.length; this.born++) {
      const { object, at } = made[this.born]!;
      if (objects.get(object, OBJECT.class) === NO_CLASS) break;
      const place = this.placeOf(at);
      live.splice(place, 0, { object, at, isReferenced: true });
      if (place < this.hand) this.hand++;
    }
  }

  scan(_draft: Draft, nrToScan: number): readonly number[] {
    const { live } = this;
    const freed: number[] = [];
    for (let left = Math.min(nrToScan, live.length); left > 0 && live.length > 0; ) {
      if (this.hand >= live.length) this.hand = 0;
      left -= this.lookOn(left, freed);
    }
    return freed;
  }

  /** At most to the end of the file. Returns how many it looked at, and adds to `freed` those that went. */
  private lookOn(nrToScan: number, freed: number[]): number {
    const { live, hand } = this;
    const looked = live.slice(hand, hand + nrToScan);
    const spared: Extent[] = [];
    for (const { object, at, isReferenced } of looked)
      if (isReferenced) spared.push({ object, at, isReferenced: false });
      else freed.push(object);
    live.splice(hand, looked.length, ...spared);
    this.hand = hand + spared.length;
    return looked.length;
  }

  /** Before which one it belongs. */
  private placeOf(at: number): number {
    const { live } = this;
    let [low, high] = [0, live.length];
    if (high > 0 && live[high - 1]!.at < at) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (live[middle]!.at < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
