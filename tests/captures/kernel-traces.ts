/**
 * Captured kernel traces: every `*.txt` or `*.txt.gz` anywhere below a folder that looks like one. Searched:
 * VMSPLIT_TRACES, else the fixtures (heads of real captures, one tail).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { dialectOf } from '../../traces/kernel/reader.ts';

export interface CapturedTrace {
  /** Its path below the folder. */
  readonly name: string;
  readonly path: string;
  readonly dialect: string;
  text(): Uint8Array;
}

const FOLDER = process.env.VMSPLIT_TRACES ?? join(import.meta.dirname, '../fixtures/kernel');
const SNIFF_BYTES = 0x1_0000;

export const KERNEL_TRACES: readonly CapturedTrace[] = readdirSync(FOLDER, {
  recursive: true,
  encoding: 'utf8',
})
  .filter((name) => /\.txt(\.gz)?$/.test(name))
  .sort()
  .flatMap((name) => {
    const path = join(FOLDER, name);
    const dialect = dialectOf(textOf(path).subarray(0, SNIFF_BYTES))?.name;
    return dialect === undefined ? [] : [{ name, path, dialect, text: () => textOf(path) }];
  });

function textOf(path: string): Uint8Array {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** The lines of a text, without the last empty one. */
export function linesOf(text: Uint8Array): string[] {
  return Buffer.from(text).toString('latin1').replace(/\n$/, '').split('\n');
}
