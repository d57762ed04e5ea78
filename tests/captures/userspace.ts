/**
 * Captures of programs under a real kernel: folders with a recording and the truth of the same run (replay/verify/process).
 * Searched: VMSPLIT_USERSPACE, else the fixtures. `NAME-legacy` is truth of `NAME` under the bottom-up layout, `NAME32` a
 * 32-bit program in 3 GiB of user space.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { captureOf, type ProgramCapture, recordingOf } from '../../replay/verify/index.ts';

const FOLDER = process.env.VMSPLIT_USERSPACE ?? join(import.meta.dirname, '../fixtures/userspace');

export const USERSPACE: readonly ProgramCapture[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => captureIn(name))
  .filter(({ files }) => files.snapshots !== undefined)
  .sort((a, b) => (a.name < b.name ? -1 : 1));

function captureIn(name: string): ProgramCapture {
  const folder = join(FOLDER, name);
  const names = readdirSync(folder).filter((file) => file.endsWith('.gz'));
  const texts = names.map((file) => gunzipSync(readFileSync(join(folder, file))).toString('latin1'));
  return captureOf(
    name,
    names.map((file, i) => ({ name: `${name}/${file}`, text: texts[i]! })),
  );
}

export function userspace(name: string): ProgramCapture {
  return USERSPACE.find((capture) => capture.name === name)!;
}

export { recordingOf };
