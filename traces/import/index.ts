/** The importers, and the one way into them. Only this file knows which there are. */
import { UsageError } from '../../core/base/errors.ts';
import { nearest } from '../../core/base/nearest.ts';
import { ImportError } from '../base/errors.ts';
import { packedData, unpackCommand } from '../base/packed.ts';
import { gunzipped, peek, withProgress } from '../text/input.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { heapImporters } from './heap.ts';
import type { Importer, ImportOptions, ImportResult } from './importer.ts';
import { kernelImporters } from './kernel.ts';
import { lackey } from './lackey.ts';
import { strace } from './strace.ts';

export const IMPORTERS: readonly Importer[] = [lackey, ...kernelImporters, strace, ...heapImporters];

const NAMES = IMPORTERS.map(({ name }) => name);

/** As much of the text as a sniff gets to see: past the banners of any tool. */
const SNIFF_BYTES = 0x1_0000;

export interface ImportRequest {
  /** Path, or `<stdin>`. */
  readonly name: string;
  readonly byteLength?: number | undefined;
  /** Text, or gzip of it. */
  readonly blocks: AsyncIterable<Uint8Array>;
  /** Name of an importer; found by the first bytes when absent. */
  readonly from?: string | undefined;
}

/** Throws a UsageError for a name that no importer has. */
export function checkImporter(name: string): void {
  named(name);
}

/** Imports all of the input. When it throws, what went to the output is of no use. */
export async function importTrace(
  request: ImportRequest,
  output: BatchSink,
  { onProgress }: ImportOptions = {},
): Promise<ImportResult> {
  const { name, byteLength, from } = request;
  const wanted = from === undefined ? undefined : named(from);
  const counted =
    onProgress === undefined ? request.blocks : withProgress(request.blocks, byteLength, onProgress);
  const { first, blocks, close } = await peek(await gunzipped(counted, name), SNIFF_BYTES);
  const importer = wanted ?? IMPORTERS.find((candidate) => candidate.sniff(first));
  if (importer !== undefined) return importer.import({ name, blocks }, output);
  await close();
  throw unknownFormat(first, name);
}

function named(name: string): Importer {
  const importer = IMPORTERS.find((candidate) => candidate.name === name);
  if (importer !== undefined) return importer;
  const near = nearest(name, NAMES);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new UsageError(`unknown format '${name}', expected one of: ${NAMES.join(', ')}${hint}`);
}

function unknownFormat(first: Uint8Array, file: string): ImportError {
  const packed = packedData(first);
  if (packed !== undefined)
    return new ImportError({
      file,
      found: packed.what,
      expected: 'text, or text packed with gzip',
      remedy: `Run ${unpackCommand(packed, file, 'vmsplit import -')}`,
    });
  return new ImportError({
    file,
    found: first.length === 0 ? 'an empty file' : 'text or data of no known format',
    expected: `a trace in one of the formats: ${NAMES.join(', ')}`,
    remedy: 'Name the format with --format if you know it',
  });
}
