/** Transparent huge pages: what one entry for 2 MiB saves, and what it costs to take a page out of it. */
import { MADV_HUGEPAGE, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { KIB, MIB } from '../engine/units.ts';
import { defineExample, scene } from './example.ts';
import { madvise, mmap, munmap, runs, spawn, userRead, userWrite } from './facts.ts';
import { OSTEP_LINUX } from './sources.ts';

const DATA = PROT_READ | PROT_WRITE;
const PAGE = 4 * KIB;
/** Inside an aligned part of 2 MiB, of a mapping of 8 MiB below the stack. */
const AT = 5 * MIB;

export const hugePages = defineExample({
  name: 'huge-pages',
  title: 'huge pages: one fault and one TLB entry for 2 MiB, until a page of it is unmapped',
  doc:
    'Large memory of a process may be mapped by entries of the page directory, 2 MiB each: a fault then brings all ' +
    'of it, one TLB entry reaches all of it, and a walk reads one entry fewer. The kernel does so by itself where a ' +
    'program asks for it, and goes back to base pages where something needs a part of it.',
  source: OSTEP_LINUX,
  layout: 'linux-x86_64',
  ramBytes: 512 * MIB,
  machine: { thp: 'madvise' },
  scenes: [
    scene(
      'a process maps 8 MiB twice, and asks for huge pages in the first',
      spawn(1),
      runs(1),
      mmap(1, 8 * MIB, DATA),
      mmap(2, 8 * MIB, DATA),
      madvise(1, 0, 0, MADV_HUGEPAGE),
    ),
    scene('without them each page takes a fault and a walk', userWrite(2, AT), userWrite(2, AT + PAGE)),
    scene(
      'with them the first store brings 512 frames in a row; for the pages behind, in the frames behind, the TLB has the entry already',
      userWrite(1, AT),
      userWrite(1, AT + PAGE),
      userRead(1, AT + 100 * PAGE),
    ),
    scene(
      'a page of it is unmapped: the entry is split into 511 others, the frames stay, and the TLB begins anew: a walk for each page',
      munmap(1, AT + 2 * PAGE, PAGE),
      userRead(1, AT),
      userRead(1, AT + PAGE),
    ),
  ],
});
