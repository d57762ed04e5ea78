/** The references of the reference trace: what translating them costs, and with reading them. */
import { EXECUTE, OPERATION_MASK } from '../../../core/event/access-mode.ts';
import type { Batch } from '../../../core/event/batch.ts';
import { EVENT_KINDS, fold, type Machine } from '../../../core/index.ts';
import { memorySource, openTrace } from '../../../traces/index.ts';
import { bootedMachine, foldAll } from '../../inputs/events.ts';
import { decode } from '../../inputs/inputs.ts';
import type { Entrant, LimitRow } from '../row.ts';
import { recordedText } from './translations-text.ts';

const LAYOUT = 'linux-3g1g';
const PAGE_SHIFT = 12;
const ACCESS = EVENT_KINDS.access.code;
/** In a word of translation.c. */
const FETCH = 0x8000_0000;

export const traceRow: LimitRow = {
  suite: 'replay',
  name: 'the reference trace',
  unit: 'pages touched',
  program: 'translation',
  args: ['0', 'recorded'],
  async file(inputs) {
    const { buffer } = wordsOf((await inputs.referenceTrace()).batches);
    return new Uint8Array(buffer);
  },
  entrants: [
    entrant('the whole fold', async (bytes) => {
      const batches = await inSteps(bytes);
      return (start) => foldAll(start, batches);
    }),
    entrant('decode and the whole fold', (bytes) => async (start) => {
      let machine = start;
      for await (const batch of decode(bytes)) machine = fold(machine, batch).machine;
      return machine;
    }),
  ],
};

type Replay = (start: Machine) => Machine | Promise<Machine>;

function entrant(name: string, open: (trace: Uint8Array) => Replay | Promise<Replay>): Entrant {
  return {
    name,
    async prepare(inputs) {
      const { batches, bytes } = await inputs.referenceTrace();
      const words = wordsOf(batches);
      const replay = await open(bytes);
      const start = bootedMachine(LAYOUT);
      const run = () => replay(start);
      const check = async () => recordedText(words, start, await run());
      return { events: words.length, isAsync: true, run, check };
    },
  };
}

/** Batches that are told in steps, as a trace has them. */
async function inSteps(bytes: Uint8Array): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of (await openTrace(memorySource(bytes))).batches()) batches.push(batch);
  return batches;
}

/** What the MMU sees: a word for each page that an event touches. */
function wordsOf(batches: Iterable<Batch>): Uint32Array {
  const firstPages = new Map<number, number>();
  const words: number[] = [];
  let machine = bootedMachine(LAYOUT);
  for (const batch of batches) {
    const { kind, object, a, b, c } = batch;
    const folded = fold(machine, batch);
    machine = folded.machine;
    for (let i = 0; i < batch.count; i++) {
      if (kind[i] !== ACCESS) firstPages.set(object[i]!, folded.outcomes.vpnAt(i));
      else {
        const first = firstPages.get(object[i]!)!;
        const last = first + ((a[i]! + b[i]! - 1) >>> PAGE_SHIFT);
        const fetch = (c[i]! & OPERATION_MASK) === EXECUTE ? FETCH : 0;
        for (let page = first + (a[i]! >>> PAGE_SHIFT); page <= last; page++) words.push(page + fetch);
      }
    }
  }
  return Uint32Array.from(words);
}
