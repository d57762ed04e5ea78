/** Files that would tell more, and how to get them. */
import type { Evidence } from './board/evidence.ts';
import type { BoardMachine } from './board/machine.ts';
import type { TraceTrial } from './cures/trace-trial.ts';
import type { MainVerdict } from './verdict/main-verdict.ts';

export interface MissingFile {
  readonly what: string;
  /** What it would tell. */
  readonly tells: string;
  readonly command: string;
}

const BOOT_LOG: MissingFile = {
  what: 'the log of the boot',
  tells: 'processor, split, RAM and boot options',
  command: 'journalctl -k -b > dmesg.txt, or dmesg > dmesg.txt soon after boot',
};
const FAILURE: MissingFile = {
  what: 'the log of the failure',
  tells: 'what was asked for and which zone refused it',
  command: 'dmesg > failure.txt right after it, with all lines below "Mem-Info:"',
};
const VMALLOCINFO: MissingFile = {
  what: '/proc/vmallocinfo',
  tells: 'who holds the window, and its holes',
  command: 'sudo cat /proc/vmallocinfo > vmallocinfo',
};
const FREE_MEMORY: MissingFile = {
  what: '/proc/zoneinfo and /proc/buddyinfo',
  tells: 'free memory by zone and size of block',
  command: 'sudo cat /proc/zoneinfo > zoneinfo; cat /proc/buddyinfo > buddyinfo',
};

const STATE_BEFORE: MissingFile = {
  what: 'a capture',
  tells: 'what was in use before the recording',
  command: 'vmsplit capture > capture.sh, and on the board: sh capture.sh',
};

export interface Brought {
  readonly evidence: Evidence;
  readonly main: MainVerdict | undefined;
  readonly machine: BoardMachine | undefined;
  readonly trace: TraceTrial | undefined;
}

/** The most useful first. */
export function missingFiles({ evidence, main, machine, trace }: Brought): MissingFile[] {
  const { logs, vmallocinfo, zoneinfo, traces } = evidence;
  const missing: MissingFile[] = [];
  if (main === undefined && traces.length === 0) missing.push(FAILURE);
  if (machine === undefined || (machine.report === undefined && logs.length > 0)) missing.push(BOOT_LOG);
  const kind = main?.verdict.kind;
  if (vmallocinfo === undefined && (kind === 'vmalloc-space' || kind === 'module-window'))
    missing.push(VMALLOCINFO);
  const isOfGroup = kind === 'cgroup-limit';
  const lacksMemory = main?.report.request?.kind === 'pages' && main.report.zones.length === 0 && !isOfGroup;
  if (zoneinfo === undefined && lacksMemory) missing.push(FREE_MEMORY);
  if (trace !== undefined && trace.recordedAsFailed > 0 && !trace.hasSnapshot) missing.push(STATE_BEFORE);
  return missing;
}
