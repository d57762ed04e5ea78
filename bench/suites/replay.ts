/** Recorded traces through everything that a replay does, stage by stage: a file in memory is the source. */
import { buildLayout, fold, OutcomeDigest } from '../../core/index.ts';
import { type Lane, newLane } from '../../replay/lane/lane.ts';
import { replay as replayTrace } from '../../replay/run/pipeline.ts';
import { workload } from '../../workloads/index.ts';
import { bootedMachine, foldAll, LAYOUTS, type LayoutName } from '../inputs/events.ts';
import { decode, type Inputs, type Recorded, recorded } from '../inputs/inputs.ts';
import type { Prepared, Row, Suite } from './suite.ts';

type Open = (inputs: Inputs) => Promise<Recorded>;
type Prepare = (trace: Recorded) => Prepared;

const DRIVER_EVENTS = 2 ** 17;

const STAGES: readonly (readonly [string, Prepare])[] = [
  ['decode', decodeOnly],
  ['fold', foldOnly],
  ['decode, fold, digest', decodeFoldDigest],
  ['replay (decode, fold, digest, tally)', (trace) => replayUnder(trace, ['linux-3g1g'])],
  ['replay in lock step, three layouts', (trace) => replayUnder(trace, LAYOUTS)],
];

export const replay: Suite = {
  name: 'replay',
  unit: 'events',
  doc: 'the reference trace, and the drivers workload (all allocations), on linux-3g1g where one layout is used',
  rows: [
    ...rowsFor('reference trace', (inputs) => inputs.referenceTrace()),
    ...rowsFor('drivers', ({ seed }) => recorded(workload('drivers').generate(seed, {}, DRIVER_EVENTS))),
  ],
};

function rowsFor(title: string, open: Open): Row[] {
  return STAGES.map(([stage, prepare]) => ({
    name: `${title}: ${stage}`,
    prepare: async (inputs) => prepare(await open(inputs)),
  }));
}

function decodeOnly({ events, bytes }: Recorded): Prepared {
  return { events, bytes: bytes.length, isAsync: true, run: () => countEvents(bytes) };
}

async function countEvents(bytes: Uint8Array): Promise<number> {
  let events = 0;
  for await (const batch of decode(bytes)) events += batch.count;
  return events;
}

function foldOnly({ events, batches }: Recorded): Prepared {
  const start = bootedMachine('linux-3g1g');
  return { events, run: () => foldAll(start, batches) };
}

function decodeFoldDigest({ events, bytes }: Recorded): Prepared {
  const start = bootedMachine('linux-3g1g');
  return {
    events,
    isAsync: true,
    async run() {
      let digest = new OutcomeDigest();
      let machine = start;
      for await (const batch of decode(bytes)) {
        const folded = fold(machine, batch);
        digest = digest.with(folded.outcomes);
        machine = folded.machine;
      }
      return digest.toString();
    },
  };
}

/** The lanes are booted anew for each call, unmeasured. */
function replayUnder({ events, bytes }: Recorded, names: readonly LayoutName[]): Prepared {
  const layouts = names.map((name) => buildLayout(name));
  let lanes: Lane[];
  return {
    events,
    isAsync: true,
    beforeEach() {
      lanes = layouts.map((layout) => newLane(layout));
    },
    run: () => replayTrace(decode(bytes), lanes),
  };
}
