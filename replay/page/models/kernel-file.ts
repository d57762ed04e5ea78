/** What the kernel of a lane would say of itself at the moment: one of its /proc files, as `vmsplit at` prints it. */
import { eventsArguments, machineArguments, reproduceLine } from '../../spec/command-line.ts';
import { PROCESS_VIEWS, VIEWS, viewNamed } from '../../views/index.ts';
import type { Scene } from './scene.ts';

export interface KernelFileParams {
  /** Name of the file; see `KERNEL_FILES`. */
  readonly name: string;
  readonly lane: number;
  /** For the files of a process; undefined: the one on cpu 0, or the only one. */
  readonly pid: number | undefined;
}

export interface KernelFile {
  readonly text: string;
  /** Prints the same in a terminal. */
  readonly command: string;
}

/** Throws UsageError where there is no such file, or no such process. */
export function kernelFile(
  { event, lanes, names, run }: Scene,
  { name, lane, pid: chosen }: KernelFileParams,
): KernelFile {
  const pid = isOfProcess(name) ? chosen : undefined;
  const { machine, lanes: specs } = run;
  return {
    text: viewNamed(name, pid).text(lanes[lane]!.machine, names),
    command: reproduceLine('at', [
      ...[...eventsArguments(run.events), name, '--event', String(event)],
      ...(pid === undefined ? [] : ['--pid', String(pid)]),
      ...machineArguments({ machine, lanes: [specs[lane]!] }),
    ]),
  };
}

function isOfProcess(name: string): boolean {
  return PROCESS_VIEWS.some((view) => view.name === name);
}

/** The files that there are, for who lets somebody choose. */
export const KERNEL_FILES = [
  ...VIEWS.map(({ name, description }) => ({ name, title: description, ofProcess: false })),
  ...PROCESS_VIEWS.map(({ name, description }) => ({ name, title: description, ofProcess: true })),
];
