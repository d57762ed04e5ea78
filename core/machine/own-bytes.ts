/** What a machine costs beside another one that is kept anyway: the memory that the two do not share. */
import { Table } from '../state/table.ts';

/** Of an object of an engine: its head, and a field. V8 has about that on 64 bits. */
const HEAD_BYTES = 24;
const FIELD_BYTES = 8;

/**
 * Bytes of all that is reached from `value` and not, at the same place, from `before`, each thing counted once; of
 * tables, what keeping the version `before` takes beside `value`: an estimate of what it costs to keep both, which is
 * exact for the cells of tables, nearly all of a machine.
 */
export function ownBytes(value: unknown, before?: unknown): number {
  return bytesOf(value, before, new Set());
}

function bytesOf(value: unknown, before: unknown, counted: Set<object>): number {
  if (value === before || typeof value !== 'object' || value === null || counted.has(value)) return 0;
  counted.add(value);
  if (value instanceof Table) return value.bytesBeside(before instanceof Table ? before : undefined);
  if (ArrayBuffer.isView(value)) return HEAD_BYTES + value.byteLength;
  let bytes = HEAD_BYTES;
  for (const [key, part] of Object.entries(value)) {
    const old = (before as Record<string, unknown> | undefined | null)?.[key];
    bytes += FIELD_BYTES + bytesOf(part, old, counted);
  }
  return bytes;
}
