/** What the kernel of a lane would say of itself at the moment: one of its /proc files, as `vmsplit at` prints it. */
import { PROCESS_VIEWS, VIEWS, viewNamed } from '../../views/index.ts';
import type { Scene } from './scene.ts';

export interface KernelFileParams {
  /** Name of the file; see `KERNEL_FILES`. */
  readonly name: string;
  readonly lane: number;
  /** For the files of a process; undefined: the one on cpu 0, or the only one. */
  readonly pid: number | undefined;
}

/** Throws UsageError where there is no such file, or no such process. */
export function kernelFile({ lanes, names }: Scene, { name, lane, pid }: KernelFileParams): string {
  return viewNamed(name, isOfProcess(name) ? pid : undefined).text(lanes[lane]!.machine, names);
}

function isOfProcess(name: string): boolean {
  return PROCESS_VIEWS.some((view) => view.name === name);
}

/** The files that there are, for who lets somebody choose. */
export const KERNEL_FILES = [
  ...VIEWS.map(({ name, description }) => ({ name, title: description, ofProcess: false })),
  ...PROCESS_VIEWS.map(({ name, description }) => ({ name, title: description, ofProcess: true })),
];
