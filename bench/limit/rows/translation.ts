/** MIX and RAND: page numbers through TLBs and page tables, alone and as access events through the whole fold. */
import { createLRU } from 'lru.min';
import { bootedMachine, foldAll, loads, mapWindows } from '../../inputs/events.ts';
import { mixedPages, uniformPages } from '../../inputs/streams.ts';
import { emptyAddressSpace, translated } from '../../suites/translation.ts';
import type { Entrant, Lengths, LimitRow } from '../row.ts';
import { translationsText } from './translations-text.ts';

/** For page tables: loads of memory that nobody wrote share a page. */
const RAM_BYTES = 8n << 30n;
const TLB_ENTRIES = 1536;

const STREAMS = { MIX: mixedPages, RAND: uniformPages } as const;

interface Stream {
  readonly name: keyof typeof STREAMS;
  /** All pages were touched before, by the same stream; else each run faults them in. */
  readonly isResident: boolean;
  readonly count: number;
}

export function translationRows({ references: count }: Lengths): LimitRow[] {
  return [
    row({ name: 'MIX', isResident: false, count }, lru(count)),
    row({ name: 'MIX', isResident: true, count }),
    row({ name: 'RAND', isResident: true, count: count / 4 }),
  ];
}

function row(stream: Stream, ...peers: readonly Entrant[]): LimitRow {
  const { name, isResident, count } = stream;
  return {
    suite: 'translation',
    name: `${name}, ${isResident ? 'pages there' : 'faulted in on the way'}`,
    unit: 'references',
    program: 'translation',
    args: [name, String(count), isResident ? 'resident' : 'faulting'],
    entrants: [bare(stream), wholeFold(stream), ...peers],
  };
}

function bare({ name, isResident, count }: Stream): Entrant {
  return {
    name: 'TLBs and walk alone',
    prepare() {
      const pages = STREAMS[name](count);
      const empty = emptyAddressSpace(RAM_BYTES);
      const start = isResident ? translated(empty, pages) : empty;
      const run = () => translated(start, pages);
      const check = (): string => {
        const { machine, faults } = run();
        return translationsText(pages, start.machine, machine, faults - start.faults);
      };
      return { events: count, run, check };
    },
  };
}

function wholeFold({ name, isResident, count }: Stream): Entrant {
  return {
    name: 'the whole fold',
    prepare() {
      const pages = STREAMS[name](count);
      const batches = loads(pages);
      const mapped = foldAll(bootedMachine('linux-x86_64', RAM_BYTES), mapWindows(pages));
      const start = isResident ? foldAll(mapped, batches) : mapped;
      const run = () => foldAll(start, batches);
      return { events: count, run, check: () => translationsText(pages, start, run()) };
    },
  };
}

/** No package simulates a TLB: the nearest is a cache of as many pages, in one set, and no page table. */
function lru(count: number): Entrant {
  return {
    name: 'lru.min, 1,536 in one set',
    isPeer: true,
    prepare() {
      const pages = mixedPages(count);
      const cache = createLRU<number, number>({ max: TLB_ENTRIES });
      const run = (): number => {
        let misses = 0;
        for (const page of pages) if (cache.get(page) === undefined) cache.set(page, ++misses);
        return misses;
      };
      return { events: count, run };
    },
  };
}
