/** What a view is: a report of the kernel, made from a machine, as figures and as the kernel's own text. */
import type { Machine } from '../../core/state/machine.ts';
export interface View {
    /** The file's name under /proc, or under /sys/kernel/debug for kernel_page_tables. */
    readonly name: string;
    /** A line for people. */
    readonly description: string;
    /** The form that the parser of the file gives. */
    figures(machine: Machine): unknown;
    /** The file's text, byte for byte as Linux 6.1 would print it. */
    text(machine: Machine): string;
}
export declare function viewOf<T>(name: string, description: string, figures: (machine: Machine) => T, format: (figures: T, machine: Machine) => string): View;
