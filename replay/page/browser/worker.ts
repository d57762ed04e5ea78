/** The engine's worker: a session behind comlink, on the port that the page sends first. */
import { expose } from 'comlink';
import { blobSource, memorySource, type Source, urlSource } from '../../../traces/index.ts';
import type { TraceAt } from '../engine/protocol.ts';
import { Session } from '../engine/session.ts';

/** Put there by the build: that of the package. */
declare const VMSPLIT_VERSION: string;

/** A served trace is called as the person calls it, not by its URL. */
async function sourceOf(at: TraceAt, name: string): Promise<Source> {
  if ('bytes' in at) return memorySource(at.bytes, name);
  if ('blob' in at) return blobSource(at.blob, name);
  return { ...(await urlSource(at.url)), name };
}

const session = new Session(sourceOf, () => performance.now(), VMSPLIT_VERSION);
addEventListener('message', ({ ports }) => expose(session, ports[0]!), { once: true });
