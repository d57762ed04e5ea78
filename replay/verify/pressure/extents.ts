/**
 * What ext4 remembers of where a file lies, and gives back when memory is short: struct extent_status, looked through in the
 * order of the file, from where the last look ended; one that was used since it was looked at goes the next time
 * (es_do_reclaim_extents of fs/ext4/extents_status.c, v6.1).
 *
 * Simplified: there is one file; each extent is used once, when the page is read that it tells of.
 */
import type { Draft } from '../../../core/machine/draft.ts';
import type { Shrinker } from '../../../core/reclaim/shrinkers.ts';
import { NO_CLASS, OBJECT } from '../../../core/state/objects.ts';

interface Extent {
  readonly object: number;
  readonly isReferenced: boolean;
}

export class ExtentShrinker implements Shrinker {
  deferred = 0;
  /** By their numbers, those that events make, in the order of the file; and how many of them there were up to now. */
  private readonly made: number[];
  private born = 0;
  private live: Extent[] = [];
  private hand = 0;

  constructor(made: number[] = []) {
    this.made = made;
  }

  /** As it is now: a fold that is not to stay changes nothing. */
  copy(): ExtentShrinker {
    const other = new ExtentShrinker(this.made);
    Object.assign(other, { deferred: this.deferred, born: this.born, hand: this.hand, live: [...this.live] });
    return other;
  }

  count(draft: Draft): number {
    const { made, live } = this;
    for (
      ;
      this.born < made.length && draft.objects.get(made[this.born]!, OBJECT.class) !== NO_CLASS;
      this.born++
    )
      live.push({ object: made[this.born]!, isReferenced: true });
    return live.length;
  }

  scan(_draft: Draft, nrToScan: number): readonly number[] {
    const { live } = this;
    const freed: number[] = [];
    for (let left = Math.min(nrToScan, live.length); left > 0 && live.length > 0; left--) {
      if (this.hand >= live.length) this.hand = 0;
      const { object, isReferenced } = live[this.hand]!;
      if (isReferenced) live[this.hand++] = { object, isReferenced: false };
      else {
        live.splice(this.hand, 1);
        freed.push(object);
      }
    }
    return freed;
  }
}
