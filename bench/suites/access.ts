/** References as access events, through the whole fold: objects bound, repeats dropped, translated, timed. */
import { bootedMachine, foldAll, loads, mapWindows } from '../inputs/events.ts';
import { streamRows } from './reference-streams.ts';
import type { Suite } from './suite.ts';

export const access: Suite = {
  name: 'access',
  unit: 'references',
  doc: 'loads as events through the fold, linux-x86_64',
  rows: streamRows((pages, resident) => {
    const mapped = foldAll(bootedMachine('linux-x86_64'), mapWindows(pages));
    const start = foldAll(mapped, loads(resident));
    const batches = loads(pages);
    return () => foldAll(start, batches);
  }),
};
