/** The engine in its worker, as the page holds it. */
import { proxy, transfer, wrap } from 'comlink';
import type { Engine, Told } from '../../engine/protocol.ts';
import { embeddedBytes } from './embedded.ts';

const { port1, port2 } = new MessageChannel();

/** What is asked before the worker runs waits in the channel. */
export const engine = wrap<Engine>(port1);

/** Started from what is in the page, where it is packed: a file from disk may read no other file. */
export async function startEngine(): Promise<void> {
  const unpacked = new Blob([embeddedBytes('worker')]).stream().pipeThrough(new DecompressionStream('gzip'));
  const program = await new Response(unpacked).text();
  const worker = new Worker(URL.createObjectURL(new Blob([program], { type: 'text/javascript' })));
  worker.postMessage(undefined, [port2]);
}

/** What the engine may call in the page. */
export function told(listener: Told): Told {
  return proxy(listener);
}

/** Bytes that are given away: nobody here needs them any more. */
export function givenAway(bytes: Uint8Array): Uint8Array {
  return transfer(bytes, [bytes.buffer as ArrayBuffer]);
}
