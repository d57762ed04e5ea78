/** Layouts, specifications, memory maps and reports of /proc: texts that are read whole; the greatest have some megabytes. */
import { UsageError } from '../../core/index.ts';
import { gunzipped, latin1, packedData } from '../../traces/index.ts';

export const MOST_TEXT_BYTES = 0x400_0000;

export function tooLong(name: string, expected: string): UsageError {
  return new UsageError(
    `${name}: found more than ${MOST_TEXT_BYTES / 0x10_0000} MiB of text, expected ${expected}. Is it the right file?`,
  );
}

/** The text of a file, gzipped or not. Bytes above 0x7f are taken as Latin-1. */
export async function unpackedText(bytes: Uint8Array, name: string, expected: string): Promise<string> {
  const text = await textUnlessLong(bytes, name, expected);
  if (text === undefined) throw tooLong(name, expected);
  return text;
}

/** The same; undefined where it is longer than any text, as traces may be. */
export async function textUnlessLong(
  bytes: Uint8Array,
  name: string,
  expected: string,
): Promise<string | undefined> {
  const packed = packedData(bytes);
  if (packed === undefined) return bytes.length > MOST_TEXT_BYTES ? undefined : latin1(bytes);
  if (packed.name !== 'gzip')
    throw new UsageError(
      `${name}: found ${packed.what}, expected ${expected}. Unpack it first: \`${packed.command} FILE\``,
    );
  const { bytes: text, end } = await gunzipped(bytes, MOST_TEXT_BYTES);
  if (end === 'too-large') return undefined;
  if (end === 'damaged')
    throw new UsageError(`${name}: found damaged gzip data, expected a whole file: copy it again`);
  return latin1(text);
}
