/** The engine in its worker, as the page holds it. */
import { proxy, transfer, wrap } from 'comlink';
import type { Engine, Told } from '../../engine/protocol.ts';

const { port1, port2 } = new MessageChannel();

/** What is asked before the worker runs waits in the channel. */
export const engine = wrap<Engine>(port1);

/** Of the script that starts the page (page-html.ts): what is packed in it, by the id of its block. */
declare const unpackedText: (id: string) => Promise<string>;

/** Started from what is in the page, where it is packed: a file from disk may read no other file. */
export async function startEngine(): Promise<void> {
  const program = await unpackedText('worker');
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
