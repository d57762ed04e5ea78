/** The engine's worker: a session behind comlink, on the port that the page sends first. */
import { expose } from 'comlink';
import { memorySource, type Source } from '../../../traces/index.ts';
import type { TraceAt } from '../engine/protocol.ts';
import { Session } from '../engine/session.ts';

function sourceOf(at: TraceAt, name: string): Source {
  if ('bytes' in at) return memorySource(at.bytes, name);
  throw new Error(`${name}: not yet`);
}

const session = new Session(sourceOf, () => performance.now());
addEventListener('message', ({ ports }) => expose(session, ports[0]!), { once: true });
