/** A browser for the page, and what its tab takes of memory. */
import { existsSync, readFileSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const { VMSPLIT_CHROMIUM: executablePath = '/usr/bin/chromium' } = process.env;

/** That of VMSPLIT_CHROMIUM. */
export async function launch(): Promise<Browser> {
  if (!existsSync(executablePath))
    throw new Error(`found no ${executablePath}: name a Chromium in VMSPLIT_CHROMIUM`);
  // As root it refuses to run with its sandbox.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}

interface ProcessInfo {
  readonly type: string;
  readonly id: number;
}

export interface WatchedTab {
  /** Bytes of its own at most, so far. */
  peak(): number;
  /** CPU time that it has taken so far. */
  cpuSeconds(): number;
  stop(): void;
}

/** Watches the processes of the browser that show pages, of which one is open. Linux only. */
export async function watchedTab(browser: Browser): Promise<WatchedTab> {
  const protocol = await browser.newBrowserCDPSession();
  const { processInfo } = (await protocol.send('SystemInfo.getProcessInfo')) as {
    processInfo: ProcessInfo[];
  };
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  let most = 0;
  const look = (): void => {
    most = Math.max(most, ...pids.map(ownBytes));
  };
  const timer = setInterval(look, 100);
  return {
    peak: () => most,
    cpuSeconds: () => pids.reduce((sum, pid) => sum + ticks(pid, [13, 14]), 0) / TICKS_A_SECOND,
    stop: () => clearInterval(timer),
  };
}

/** CPU time of the processes that this one has started and that have ended. */
export function cpuSecondsOfEnded(): number {
  return ticks(process.pid, [15, 16]) / TICKS_A_SECOND;
}

/** USER_HZ, of all architectures that Node runs on. */
const TICKS_A_SECOND = 100;

/** Fields of /proc/PID/stat (proc(5)), counted from 0; the second may hold blanks. */
function ticks(pid: number, fields: readonly number[]): number {
  const text = read(`/proc/${pid}/stat`);
  const words = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.reduce((sum, field) => sum + Number(words[field - 2] ?? 0), 0);
}

/** RssAnon of proc(5): what is its own, and no file of the browser's. */
function ownBytes(pid: number): number {
  return 1024 * Number(/^RssAnon:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
