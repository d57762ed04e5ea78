/** Importing: the text of other tools to events. */
import { importTrace } from '../../traces/index.ts';
import type { Suite } from './suite.ts';

const BLOCK_BYTES = 2 ** 20;

export const importers: Suite = {
  name: 'importers',
  unit: 'lines',
  doc: "other tools' text to events in memory",
  rows: [
    {
      name: 'lackey',
      async prepare(inputs) {
        const text = await inputs.lackeyText();
        const run = () => importTrace({ name: 'lackey', blocks: inBlocks(text) }, { write() {} });
        const { lines } = await run();
        return { events: lines, bytes: text.length, isAsync: true, run };
      },
    },
  ],
};

async function* inBlocks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) yield bytes.subarray(at, at + BLOCK_BYTES);
}
