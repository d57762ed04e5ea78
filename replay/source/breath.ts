/** A turn of the host's event loop: the one thing that a replay asks of where it runs, be it Node, a worker or a page. */

/** What hosts have of it: Node `setImmediate`, browsers message channels. A promise alone lets no signal or timer in. */
export interface Host {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly MessageChannel: typeof MessageChannel;
}

/** Makes what waits until the host has had its turn: signals, timers, input, painting. */
export function breathOf({ setImmediate, MessageChannel }: Host): () => Promise<void> {
  if (setImmediate !== undefined) return () => new Promise((resolve) => void setImmediate(resolve));
  // Not a timer: browsers make those wait 4 ms once they are nested (HTML, timer initialisation steps).
  return () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      const heard = (): void => {
        port1.close();
        resolve();
      };
      port1.addEventListener('message', heard);
      port1.start();
      port2.postMessage(undefined);
    });
}

/** Of the host at hand. */
export const breath: () => Promise<void> = breathOf(globalThis);

/** Where long work may be stopped. */
export type Pause = () => Promise<void>;

/** A breath, and then on, unless somebody wants it to end: that is thrown. */
export function pauseFor(signal: AbortSignal | undefined): Pause {
  return async () => {
    await breath();
    signal?.throwIfAborted();
  };
}
