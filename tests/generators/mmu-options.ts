/** Any MMU, with TLBs so small that entries fall out of every level. */
import fc from 'fast-check';
import type { Machine } from '../../core/machine/machine.ts';
import { mmuGeometry } from '../../core/paging/geometry.ts';
import {
  type CacheShape,
  type MmuOptions,
  REPLACEMENTS,
  type Replacement,
  type TlbLevel,
} from '../../core/tlb/options.ts';

const sets = fc.constantFrom(1, 2, 4);

function shape(replacement: Replacement, fewestWays: number): fc.Arbitrary<CacheShape> {
  const ways = (replacement === 'plru' ? [0, 1, 2, 4] : [0, 1, 2, 3]).filter((n) => n >= fewestWays);
  return fc.record({ sets, ways: fc.constantFrom(...ways) });
}

function level(replacement: Replacement, fewestWays: number): fc.Arbitrary<TlbLevel> {
  const part = shape(replacement, fewestWays);
  return fc
    .tuple(part, fc.record({ large: part, huge: part }, { requiredKeys: [] }))
    .map(([base, parts]) => ({ ...base, ...parts }));
}

export function anyMmu(fixed: Partial<MmuOptions> = {}): fc.Arbitrary<Partial<MmuOptions>> {
  const withPolicy = (replacement: Replacement): fc.Arbitrary<Partial<MmuOptions>> => {
    const cache = shape(replacement, 0);
    const free = {
      l1i: level(replacement, 1),
      l1d: level(replacement, 1),
      l2: level(replacement, 0),
      l2i: level(replacement, 0),
      unifiedL1: fc.boolean(),
      pdeCache: cache,
      pdpteCache: cache,
      pml4eCache: cache,
      pml5eCache: cache,
      replacement: fc.constant(replacement),
      seed: fc.nat(9),
      pcid: fc.boolean(),
    };
    return fc.record(free, {
      requiredKeys: ['l1i', 'l1d', 'l2', 'pdeCache', 'pdpteCache', 'pml4eCache', 'pml5eCache', 'replacement'],
    });
  };
  return fc
    .constantFrom(...REPLACEMENTS)
    .chain(withPolicy)
    .map((options) => ({ ...options, ...fixed }));
}

/** The machine with another MMU; it must not have translated anything yet. */
export function withMmu(machine: Machine, options: Partial<MmuOptions>): Machine {
  const mmu = mmuGeometry(machine.platform.layout, options);
  return { ...machine, platform: { ...machine.platform, mmu } };
}
