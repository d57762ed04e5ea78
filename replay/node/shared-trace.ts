/** A trace whose bytes all threads share: read once, copied never. */
import { open, stat } from 'node:fs/promises';
import { memorySource } from '../../traces/index.ts';
import { openedTrace, type RunFiles } from '../spec/index.ts';
import { isSeekableFile } from './run-files.ts';

/** Larger ones are read by each thread from the file, whose pages the operating system shares. */
const MOST_SHARED_BYTES = 2 ** 30;

/** Undefined: not such a file, or one that becomes shorter just now. */
export async function sharedBytes(path: string): Promise<SharedArrayBuffer | undefined> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile() !== true || status.size > MOST_SHARED_BYTES) return undefined;
  if (!(await isSeekableFile(path))) return undefined;
  const handle = await open(path);
  try {
    const shared = new SharedArrayBuffer(status.size);
    const bytes = new Uint8Array(shared);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, at, bytes.length - at, at);
      if (bytesRead === 0) return undefined;
      at += bytesRead;
    }
    return shared;
  } finally {
    await handle.close();
  }
}

/** Opens what is in the bytes under whatever name the run has for it. */
export function sharedTrace(bytes: SharedArrayBuffer): RunFiles['trace'] {
  return (path) => openedTrace(memorySource(new Uint8Array(bytes), path));
}
