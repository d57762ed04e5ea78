/** What rows are made from: a seed, and a trace of real references, read once and only if a row asks for it. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Batch } from '../../core/event/batch.ts';
import {
  type BatchSink,
  importTrace,
  looksLikeTrace,
  MemorySink,
  memorySource,
  openTrace,
  TraceWriter,
} from '../../traces/index.ts';
import { fileSource, openInput } from '../../traces/node/index.ts';

/** From the root of the package: `ls -lR` of a directory, as valgrind's lackey saw it. */
export const REFERENCE_TRACE = 'tests/fixtures/lackey/ls-lR.lackey.gz';
/** A shell that forks, and an allocation experiment, as tracefs showed the kernel under them. */
const KERNEL_TRACES = [
  'tests/fixtures/kernel/forkloop-all/trace.txt.gz',
  'tests/fixtures/kernel/buddy/trace.txt.gz',
];
/** Enough lines that a run is no matter of its first milliseconds. */
const KERNEL_TRACE_COPIES = 16;

/** A longer reference trace counts with its first events only, so that a row takes no minutes. */
const MAX_TRACE_EVENTS = 2 ** 22;

/** Events in memory, and the same as a .vmt file. */
export interface Recorded {
  readonly events: number;
  readonly batches: readonly Batch[];
  readonly bytes: Uint8Array;
}

export class Inputs {
  readonly seed: number;
  readonly tracePath: string;
  private trace: Promise<Recorded> | undefined;

  constructor(seed: number, tracePath?: string) {
    this.seed = seed;
    this.tracePath = tracePath ?? REFERENCE_TRACE;
  }

  referenceTrace(): Promise<Recorded> {
    const path = this.tracePath === REFERENCE_TRACE ? packagePath(REFERENCE_TRACE) : this.tracePath;
    this.trace ??= readTrace(path).then(recorded);
    return this.trace;
  }

  /** The text of the fixture, whatever the reference trace. */
  async lackeyText(): Promise<Uint8Array> {
    return gunzipSync(await readFile(packagePath(REFERENCE_TRACE)));
  }

  /** Kernel traces one after the other, again and again. */
  async kernelText(): Promise<Uint8Array> {
    const texts = await Promise.all(
      KERNEL_TRACES.map(async (path) => gunzipSync(await readFile(packagePath(path)))),
    );
    return Buffer.concat(Array.from({ length: KERNEL_TRACE_COPIES }, () => texts).flat());
  }
}

export async function recorded(batches: Iterable<Batch>): Promise<Recorded> {
  const all = [...batches];
  const events = all.reduce((sum, batch) => sum + batch.count, 0);
  return { events, batches: all, bytes: await encode(all) };
}

export function encode(batches: Iterable<Batch>): Promise<Uint8Array> {
  return written(async (writer) => {
    for (const batch of batches) await writer.write(batch);
  });
}

/** A .vmt file in memory of what is written. */
export async function written(write: (writer: BatchSink) => Promise<unknown>): Promise<Uint8Array> {
  const sink = new MemorySink();
  const origin = { tool: 'bench', toolVersion: '0', seed: null, parameters: {} };
  const writer = await TraceWriter.create(sink, origin);
  await write(writer);
  await writer.finish();
  return sink.bytes();
}

/** The first batches of a .vmt file, or of whatever can be imported. */
async function readTrace(path: string): Promise<Batch[]> {
  const taken: Batch[] = [];
  let events = 0;
  const take = (batch: Batch): boolean => {
    if (events < MAX_TRACE_EVENTS) taken.push(batch);
    events += batch.count;
    return events < MAX_TRACE_EVENTS;
  };
  const source = await fileSource(path);
  try {
    if (!looksLikeTrace(await source.read(0, 4096)))
      await importTrace(await openInput(path), { write: (batch) => void take(batch) });
    else {
      const trace = await openTrace(source);
      for await (const batch of trace.batches()) if (!take(batch)) break;
    }
  } finally {
    await source.close();
  }
  return taken;
}

/** Batches of a trace in memory, as a replay reads them: each is gone when the next is asked for. */
export async function* decode(bytes: Uint8Array): AsyncGenerator<Batch> {
  const trace = await openTrace(memorySource(bytes));
  yield* trace.batches(0, { reuseColumns: true });
}

const BLOCK_BYTES = 2 ** 20;

/** Text as it comes from a file. */
export async function* inBlocks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) yield bytes.subarray(at, at + BLOCK_BYTES);
}

/** A file of the package, found by its own name, wherever the compiled files lie in it. */
export function packagePath(path: string): string {
  const root = dirname(createRequire(import.meta.url).resolve('vmsplit/package.json'));
  return join(root, path);
}
