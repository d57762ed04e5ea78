/** Reading the reference trace: bytes to columns of events. */
import { decode as decodeMessagePack, encode as encodeMessagePack } from '@msgpack/msgpack';
import { pack, unpack } from 'msgpackr';
import type { Batch } from '../../../core/event/batch.ts';
import { decode, type Inputs } from '../../inputs/inputs.ts';
import { fnv } from '../../inputs/streams.ts';
import type { Entrant, LimitRow, Trial } from '../row.ts';

export const decodeRow: LimitRow = {
  suite: 'replay',
  name: 'decoding the reference trace',
  unit: 'events',
  program: 'decode',
  args: [],
  file: async (inputs) => (await inputs.referenceTrace()).bytes,
  entrants: [
    { name: '.vmt to columns', prepare },
    asMessagePack('msgpackr, lists of numbers', pack, unpack),
    asMessagePack('@msgpack/msgpack, the same', encodeMessagePack, decodeMessagePack),
  ],
};

/** The order in which decode.c has them. */
const NAMES = ['kind', 'cpu', 'thinkNs', 'object', 'a', 'b', 'c'] as const;
type Columns = readonly ArrayLike<number>[];

const columnsOf = (batch: Batch): (Uint8Array | Uint32Array)[] =>
  NAMES.map((name) => batch[name].subarray(0, batch.count));

async function prepare(inputs: Inputs): Promise<Trial> {
  const { events, bytes } = await inputs.referenceTrace();
  return {
    events,
    isAsync: true,
    async run() {
      let columns = 0;
      for await (const batch of decode(bytes)) columns += columnsOf(batch).length;
      return columns;
    },
    async check() {
      const columns: Columns[] = [];
      for await (const batch of decode(bytes)) columns.push(columnsOf(batch).map((column) => column.slice()));
      return checkText(columns, events);
    },
  };
}

function checkText(columns: readonly Columns[], events: number): string {
  return `columns ${fnv(...columns.flat())}, events ${events}`;
}

/** As traces are without a format of their own: the batches as lists of events, which are lists of numbers. */
function asMessagePack(
  name: string,
  encode: (value: unknown) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): Entrant {
  return {
    name,
    isPeer: true,
    async prepare(inputs) {
      const { events, batches } = await inputs.referenceTrace();
      const messages = batches.map((batch) => encode(rowsOf(batch)).slice());
      const run = () => messages.map((bytes) => decode(bytes) as number[][]);
      const check = (): string => checkText(run().map(transposed), events);
      return { events, run, check };
    },
  };
}

function rowsOf(batch: Batch): number[][] {
  return Array.from({ length: batch.count }, (_, i) => NAMES.map((name) => batch[name][i]!));
}

function transposed(rows: readonly (readonly number[])[]): Columns {
  return NAMES.map((_, column) => rows.map((row) => row[column]!));
}
