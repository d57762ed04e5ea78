/** What is being measured, on the last line of a terminal. */
import type { Writable } from 'node:stream';

/** Rewrites the line; an empty text takes it away. */
export type Progress = (text: string) => void;

export function progressOn(stderr: Writable & { readonly isTTY?: boolean }): Progress {
  return (text) => {
    if (stderr.isTTY === true) stderr.write(`\r\x1b[K${text}`);
  };
}
