/** The text of valgrind's lackey to events. */
import { EVENT_KINDS } from '../../../core/index.ts';
import { type BatchSink, type ImportResult, importTrace } from '../../../traces/index.ts';
import { type Inputs, inBlocks, written } from '../../inputs/inputs.ts';
import type { Entrant, LimitRow } from '../row.ts';

export const lackeyRow: LimitRow = {
  suite: 'importers',
  name: 'text of lackey',
  unit: 'lines',
  program: 'lackey',
  args: [],
  file: (inputs: Inputs) => inputs.lackeyText(),
  entrants: [
    entrant('to events in memory', (text) => imported(text, { write() {} })),
    entrant('to a .vmt', (text) => written((sink) => imported(text, sink))),
  ],
};

function imported(text: Uint8Array, sink: BatchSink): Promise<ImportResult> {
  return importTrace({ name: 'lackey', blocks: inBlocks(text) }, sink);
}

function entrant(name: string, run: (text: Uint8Array) => Promise<unknown>): Entrant {
  return {
    name,
    async prepare(inputs) {
      const text = await inputs.lackeyText();
      const bytes = new ByteSum();
      const { lines, references } = await imported(text, bytes);
      const nrReferences = Object.values(references).reduce((sum, count) => sum + count, 0);
      const check = (): string => `lines ${lines}, references ${nrReferences}, bytes ${bytes.sum}`;
      return { events: lines, isAsync: true, run: () => run(text), check };
    },
  };
}

/** How many bytes the references are to. */
class ByteSum implements BatchSink {
  sum = 0;

  write({ count, kind, b }: Parameters<BatchSink['write']>[0]): void {
    for (let i = 0; i < count; i++) if (kind[i] === EVENT_KINDS.access.code) this.sum += b[i]!;
  }
}
