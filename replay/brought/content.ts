/** What a person brought, as sources: files, entries of an archive, what was dropped on a page. */
import { UsageError } from '../../core/base/errors.ts';
import { blocksOf, concat, memorySource, type Source, type TarEntry } from '../../traces/index.ts';

/** A source's bytes as a stream. */
export function blocksIn(source: Source): AsyncGenerator<Uint8Array> {
  return blocksOf(source, 0, source.byteLength);
}

/** All of a source, which is to have no more than `most` bytes. `expected`: for messages. */
export async function contentOf(source: Source, most: number, expected: string): Promise<Uint8Array> {
  const { name, byteLength } = source;
  if (byteLength > most)
    throw new UsageError(`${name}: found ${byteLength} bytes, expected ${expected} of ${most} at most`);
  const parts: Uint8Array[] = [];
  for await (const block of blocksIn(source)) parts.push(block);
  return parts.length === 1 ? parts[0]! : concat(parts);
}

export function entrySources(entries: readonly TarEntry[]): Source[] {
  return entries.map(({ name, content }) => memorySource(content, name));
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.replace(/\/+$/, '').replace(/^.*\//s, '');
}

/** The last part of the folder that it lies in; '' at the top. */
export function folderName(path: string): string {
  return baseName(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
}
