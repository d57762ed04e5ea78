/** VMAs as a list that is gone through from one end to the other. */
import { clipVma, continues, endVpn, VM_GROWSDOWN, type Vma } from '../../core/mm/vma.ts';
import type { GapSearch } from '../../core/mm/vma-gaps.ts';

export class NaiveVmas {
  /** Ascending. */
  list: readonly Vma[] = [];

  insert(vma: Vma): void {
    const left = this.list.find((other) => continues(other, vma));
    const right = this.list.find((other) => continues(vma, other));
    const joined = [left, vma, right].filter((one) => one !== undefined);
    const first = joined[0]!;
    const nrPages = endVpn(joined.at(-1)!) - first.startVpn;
    const flags = joined.reduce((all, one) => all | one.flags, 0);
    const kept = this.list.filter((other) => other !== left && other !== right);
    this.list = [...kept, joined.length === 1 ? vma : { ...first, nrPages, flags }].sort(
      (a, b) => a.startVpn - b.startVpn,
    );
  }

  cut(start: number, end: number): void {
    this.list = this.list.flatMap((vma) => {
      if (endVpn(vma) <= start || vma.startVpn >= end) return [vma];
      const below = start > vma.startVpn ? [clipVma(vma, vma.startVpn, start)] : [];
      return end < endVpn(vma) ? [...below, clipVma(vma, end, endVpn(vma))] : below;
    });
  }

  within(start: number, end: number): Vma[] {
    return this.list
      .filter((vma) => vma.startVpn < end && endVpn(vma) > start)
      .map((vma) => clipVma(vma, Math.max(start, vma.startVpn), Math.min(end, endVpn(vma))));
  }

  partsOf(object: number, base: number, start: number, end: number): Vma[] {
    return this.within(base + start, base + end).filter((vma) => vma.object === object);
  }

  highestGap(search: GapSearch): number | undefined {
    return this.gaps(search)
      .filter(([start, end]) => end - start >= search.nrPages)
      .map(([, end]) => end - search.nrPages)
      .at(-1);
  }

  lowestGap(search: GapSearch): number | undefined {
    return this.gaps(search).find(([start, end]) => end - start >= search.nrPages)?.[0];
  }

  /** Between neighbours, as far as they lie in the room: from each end, or the lower end of the room, to the next start. */
  private gaps({ lowVpn, highVpn, guardPages }: GapSearch): [number, number][] {
    const starts = this.list.map(({ startVpn, flags }) =>
      (flags & VM_GROWSDOWN) === 0 ? startVpn : Math.max(0, startVpn - guardPages),
    );
    return [...starts, highVpn].map((start, i) => [
      Math.max(lowVpn, i === 0 ? lowVpn : endVpn(this.list[i - 1]!)),
      Math.min(highVpn, start),
    ]);
  }
}
