/** What a trace begins with. */
import { FORMAT } from './format.ts';

/** The header's first field as MessagePack. */
const MAGIC = Buffer.concat([textBytes('format'), textBytes(FORMAT)]);
/** Before it stands the size of the header's map, in any of MessagePack's three forms. */
const MAP_SIZE_BYTES = [1, 3, 5];

function textBytes(text: string): Buffer {
  return Buffer.from([0xa0 + text.length, ...Buffer.from(text)]);
}

/** Whether a file that begins like this is a trace. */
export function looksLikeTrace(firstBytes: Uint8Array): boolean {
  return MAP_SIZE_BYTES.some((start) => MAGIC.equals(firstBytes.subarray(start, start + MAGIC.length)));
}
