/** Files as they are dropped on a page, and a session that takes them. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Told } from '../../../../replay/page/engine/protocol.ts';
import { Session } from '../../../../replay/page/engine/session.ts';
import type { DroppedFile } from '../../../../replay/page/engine/work.ts';
import { blobSource, memorySource } from '../../../../traces/index.ts';

export function dropped(path: string, name = basename(path)): DroppedFile {
  return { name, blob: new Blob([readFileSync(path)]) };
}

export function droppedText(name: string, text: string | Uint8Array): DroppedFile {
  return { name, blob: new Blob([text as string]) };
}

/** As the page of this package has it. */
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

export function idleSession(): Session {
  const sourceOf: ConstructorParameters<typeof Session>[0] = (at, name) => {
    if ('blob' in at) return blobSource(at.blob, name);
    return memorySource('bytes' in at ? at.bytes : new Uint8Array(), name);
  };
  return new Session(sourceOf, () => 0, version);
}

/** Who listens to nothing, or to progress alone. */
export function listener(progress: Told['progress'] = () => {}): Told {
  return { progress, pass() {}, moment() {}, failed() {} };
}

export async function bytesOf(blob: unknown): Promise<Buffer> {
  return Buffer.from(await (blob as Blob).arrayBuffer());
}
