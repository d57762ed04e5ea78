/** References as access events, through the whole fold: objects bound, repeats dropped, translated, timed. */
import { bootedMachine, foldAll, loads, mapWindows } from '../events.ts';
import { STREAMS, type Stream } from './reference-streams.ts';
import type { Row, Suite } from './suite.ts';

export const access: Suite = {
  name: 'access',
  unit: 'references',
  doc: 'loads as events through the fold, linux-x86_64',
  rows: STREAMS.map(row),
};

function row({ name, pages, resident }: Stream): Row {
  return {
    name,
    prepare() {
      const stream = pages();
      const mapped = foldAll(bootedMachine('linux-x86_64'), mapWindows(stream));
      const start = foldAll(mapped, loads(resident()));
      const batches = loads(stream);
      return { events: stream.length, run: () => foldAll(start, batches) };
    },
  };
}
