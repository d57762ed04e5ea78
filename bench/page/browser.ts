/** A browser for the page, and what its tab takes of memory. */
import { readFileSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

export function launch(executablePath: string): Promise<Browser> {
  // As root it refuses to run with its sandbox.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}

interface ProcessInfo {
  readonly type: string;
  readonly id: number;
}

/** Watches the largest process of the browser that shows pages, until it is stopped; its peak in bytes. Linux only. */
export async function watchedMemory(browser: Browser): Promise<{ stop(): number }> {
  const protocol = await browser.newBrowserCDPSession();
  const { processInfo } = (await protocol.send('SystemInfo.getProcessInfo')) as {
    processInfo: ProcessInfo[];
  };
  const pages = processInfo.filter(({ type }) => type === 'renderer');
  let peak = 0;
  const look = (): void => {
    peak = Math.max(peak, ...pages.map(({ id }) => ownBytes(id)));
  };
  const timer = setInterval(look, 100);
  return {
    stop() {
      look();
      clearInterval(timer);
      return peak;
    },
  };
}

/** RssAnon of proc(5): what is its own, and no file of the browser's. */
function ownBytes(pid: number): number {
  try {
    return 1024 * Number(/^RssAnon:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
