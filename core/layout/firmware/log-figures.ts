/** The figures that a kernel of any processor printed of itself, from the facts of its boot log. */
import type { Fact, Facts } from './log-facts.ts';
import type { Said, SaidFigures, SaidRange } from './memory-report.ts';

/** Of a line with one decimal number; 0 without the line. */
export function numberOf(fact: Fact | undefined): number {
  return Number(fact?.groups[0] ?? 0);
}

export function saidFigures(facts: Facts): SaidFigures {
  const { lowmemMb, highmemMb, lastPfn } = facts;
  return {
    ...said('lowmemMb', lowmemMb && { value: numberOf(lowmemMb), line: lowmemMb.line }),
    ...said('highmemMb', highmemMb && { value: numberOf(highmemMb), line: highmemMb.line }),
    ...said('maxPfn', lastPfn && { value: Number.parseInt(lastPfn.groups[0]!, 16), line: lastPfn.line }),
    ...said('vmalloc', rangeOf(facts.vmalloc)),
    ...said('pkmap', rangeOf(facts.pkmap)),
    ...said('fixmap', rangeOf(facts.fixmap)),
    ...said('lowmem', rangeOf(facts.lowmem)),
    ...said('modules', rangeOf(facts.modules)),
  };
}

function said<K extends keyof SaidFigures>(name: K, figure: SaidFigures[K] | undefined): SaidFigures {
  return figure === undefined ? {} : { [name]: figure };
}

/** The range of a line such as `lowmem  : 0xc0000000 - 0xe0000000`. */
export function rangeOf(fact: Fact | undefined): Said<SaidRange> | undefined {
  if (fact === undefined) return undefined;
  const [start, end] = fact.groups;
  return { value: { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }, line: fact.line };
}
