/** Numbers as people write them: digits grouped as the browser's language has it. */
import { formatBytes, formatNs } from '../../../text/units.ts';

export function countText(value: number): string {
  return value.toLocaleString();
}

export const bytesText = formatBytes;
export const timeText = formatNs;
