/** Importing: the text of other tools to events. */
import { importTrace } from '../../traces/index.ts';
import { type Inputs, inBlocks } from '../inputs/inputs.ts';
import type { Row, Suite } from './suite.ts';

export const importers: Suite = {
  name: 'importers',
  unit: 'lines',
  doc: "other tools' text to events in memory",
  rows: [
    importRow('lackey', (inputs) => inputs.lackeyText()),
    importRow('ftrace', (inputs) => inputs.kernelText()),
  ],
};

function importRow(name: string, textOf: (inputs: Inputs) => Promise<Uint8Array>): Row {
  return {
    name,
    async prepare(inputs) {
      const text = await textOf(inputs);
      const run = () => importTrace({ name, blocks: inBlocks(text) }, { write() {} });
      const { lines } = await run();
      return { events: lines, bytes: text.length, isAsync: true, run };
    },
  };
}
