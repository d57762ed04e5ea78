/** What a trace begins with. */
import { latin1Bytes } from '../host/index.ts';
import { FORMAT } from './format.ts';

/** The header's first field as MessagePack: two short texts. */
const MAGIC = latin1Bytes(
  ['format', FORMAT].map((text) => String.fromCharCode(0xa0 + text.length) + text).join(''),
);
/** Before it stands the size of the header's map, in any of MessagePack's three forms. */
const MAP_SIZE_BYTES = [1, 3, 5];

/** Whether a file that begins like this is a trace. */
export function looksLikeTrace(firstBytes: Uint8Array): boolean {
  return MAP_SIZE_BYTES.some((start) => MAGIC.every((byte, i) => firstBytes[start + i] === byte));
}
