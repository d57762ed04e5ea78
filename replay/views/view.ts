/** What a view is: a report of the kernel, made from a machine, as figures and as the kernel's own text. */

import type { Machine, Process } from '../../core/machine/machine.ts';
import { oneProcessOf } from '../../core/vm/processes.ts';
import { ObjectNames } from '../../traces/index.ts';

/** A report of a kernel, made of a simulated machine. */
export interface View {
  /** The file's name under /proc, or under /sys/kernel/debug for kernel_page_tables. */
  readonly name: string;
  /** A line for people. */
  readonly description: string;
  /** The form that the parser of the file gives. `names`: who asked for what, and what files are, where the trace knows. */
  figures(machine: Machine, names?: ObjectNames): unknown;
  /** The file's text, byte for byte as Linux 6.1 would print it. */
  text(machine: Machine, names?: ObjectNames): string;
}

/** A report of one process: --pid says which, see `oneProcessOf`. */
export interface ProcessView {
  readonly name: string;
  readonly description: string;
  of(pid: number | undefined): View;
}

export function processViewOf<T>(
  name: string,
  description: string,
  figures: (machine: Machine, process: Process, names: ObjectNames) => T,
  format: (figures: T, machine: Machine) => string,
): ProcessView {
  const of = (pid: number | undefined): View =>
    viewOf(
      name,
      description,
      (machine, names) => figures(machine, oneProcessOf(machine, pid), names),
      format,
    );
  return { name, description, of };
}

export function viewOf<T>(
  name: string,
  description: string,
  figures: (machine: Machine, names: ObjectNames) => T,
  format: (figures: T, machine: Machine) => string,
): View {
  return {
    name,
    description,
    figures: (machine, names = ObjectNames.NONE) => figures(machine, names),
    text: (machine, names = ObjectNames.NONE) => format(figures(machine, names), machine),
  };
}
