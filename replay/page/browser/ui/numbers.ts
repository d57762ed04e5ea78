/** Numbers as people write them: digits grouped as the browser's language has it. */
import { formatBytes, formatNs } from '../../../text/units.ts';

export function countText(value: number): string {
  return value.toLocaleString();
}

export const bytesText = formatBytes;
export const timeText = formatNs;

/** An address in the width of the machine's registers. */
export function addressText(address: bigint, wordBits: number): string {
  return `0x${address.toString(16).padStart(Math.ceil(wordBits / 4), '0')}`;
}

/** A size of addresses, which may be more than a double counts. */
export function sizeText({ start, end }: { readonly start: bigint; readonly end: bigint }): string {
  return formatBytes(end - start);
}
