/**
 * Captured traces of programs: files named `*.strace`, `*.vgmalloc`, `*.ltrace`, `*.mtrace`, gzipped or not, anywhere
 * below a folder. Searched: VMSPLIT_TRACES, else the fixtures. A name with `-bad` is data that has to be refused.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Batch } from '../../core/event/batch.ts';
import { type ImportedTrace, importTrace } from '../../traces/index.ts';
import { inBlocks } from '../traces/support.ts';

interface ProgramTrace {
  /** Its path below the folder. */
  readonly name: string;
  readonly format: string;
  text(): Uint8Array;
}

const FOLDER = process.env.VMSPLIT_TRACES ?? join(import.meta.dirname, '../fixtures');
const NAME = /\.(strace|vgmalloc|ltrace|mtrace)(?:\.gz)?$/;

const TRACES: readonly ProgramTrace[] = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .sort()
  .flatMap((name) => {
    const format = NAME.exec(name)?.[1];
    const text = () => {
      const bytes = readFileSync(join(FOLDER, name));
      return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    };
    return format === undefined ? [] : [{ name, format, text }];
  });

const isBad = ({ name }: ProgramTrace): boolean => name.includes('-bad');
export const BAD_TRACES = TRACES.filter(isBad);
export const STRACES = TRACES.filter((trace) => trace.format === 'strace' && !isBad(trace));
export const HEAP_TRACES = TRACES.filter((trace) => trace.format !== 'strace' && !isBad(trace));

export interface Imported {
  readonly result: ImportedTrace;
  readonly batches: readonly Batch[];
}

/** The format is found by the first bytes. */
export async function importText(
  text: Uint8Array | string,
  blockBytes = 1 << 20,
  beside?: readonly string[],
): Promise<Imported> {
  const batches: Batch[] = [];
  const output = { write: (batch: Batch) => void batches.push(batch) };
  const result = await importTrace(
    {
      name: 'some.trace',
      blocks: inBlocks(Buffer.from(text), blockBytes),
      beside: beside?.map((each, i) => ({ name: `${i}`, text: each })),
    },
    output,
  );
  return { result, batches };
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
