/**
 * Writing to new pages where memory is full: each takes the page of another one, which goes to the swap area. What a page
 * costs must not grow with how many there are.
 */
import { bootMachine, buildLayout } from '../../core/index.ts';
import { foldAll, mapWindows, stores } from '../inputs/events.ts';
import type { Row, Suite } from './suite.ts';

/** New pages of a measured call. */
const PAGES = 2 ** 16;
const GIB_PAGES = 2 ** 18;

/** All of RAM is written to, so that reclaim is at work when the measured part begins. */
function row(name: string, nrPages: number): Row {
  return {
    name: `store to a new page, ${name} of RAM full`,
    prepare() {
      const ramBytes = BigInt(nrPages) << 12n;
      const machine = bootMachine(buildLayout('linux-x86_64', { ramBytes }), {
        reclaim: { swapBytes: ramBytes },
      });
      const pages = Uint32Array.from({ length: nrPages + PAGES }, (_, page) => page);
      const full = foldAll(foldAll(machine, mapWindows(pages)), stores(pages.subarray(0, nrPages)));
      const batches = stores(pages.subarray(nrPages));
      return { events: PAGES, run: () => foldAll(full, batches) };
    },
  };
}

export const reclaim: Suite = {
  name: 'reclaim',
  unit: 'pages',
  doc: 'swapping out as much as is written, through the fold, linux-x86_64; as fast however much RAM there is',
  rows: [
    row('256 MiB', GIB_PAGES / 4),
    row('1 GiB', GIB_PAGES),
    row('4 GiB', 4 * GIB_PAGES),
    row('16 GiB', 16 * GIB_PAGES),
  ],
};
