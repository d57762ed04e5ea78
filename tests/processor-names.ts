/**
 * Where a processor is named: in its own files, and where this table says why. A new one costs its own files and a line in
 * each table; whatever else follows from the processor is asked of a record (architecture, port, kernel, dialect, advice).
 */

/** Folders and files of one processor each. */
export const OWN_FILES: readonly RegExp[] = [
  /^core\/arch\/(arm|x86|ia64|vax)/,
  /^core\/kernel\/(arm|x86)-windows(-32|-64)?\.ts$/,
  /^core\/layout\/(arm|x86|ia64|vax)\//,
  /^traces\/report\/processors\//,
  /^replay\/advise\/processors\//,
];

/** Others that name one, and why. */
export const OTHERS: Readonly<Record<string, string>> = {
  'core/layout/catalog/catalog.ts': 'the table of layouts',
  'core/layout/catalog/dialects.ts': 'the table of dialects',
  'core/layout/file/platforms.ts': 'the table of families, which layout files name',
  'core/arch/ostep.ts': 'the machine of exercises is another processor with less of everything',
  'core/layout/file/layout-file.ts': 'the kernel image of a file that brings none',
  'core/layout/dump/page-table-dump.ts': 'a listing that exists under one processor: the remedy names it',
  'core/paging/geometry.ts': 'page-table isolation: the remedy names those that have it',
  'core/tlb/presets.ts': 'TLBs of processors that are sold',
  'replay/spec/machine-options.ts': 'help of options that some kernels have',
  'replay/cli/commands/diff.ts': 'help names layouts',
  'replay/verify/model/machine-beside.ts': 'zones of a trace without a word of them',
  'replay/verify/pressure/machine.ts': 'captures of kernels for one processor, told by their version',
  'replay/capture/script.ts': 'a table in shell: argument registers by what uname says',
  'traces/import/kernel-events.ts': 'the name of a clock',
  'traces/strace/system-calls.ts': 'names of system calls, of whichever processor',
  'workloads/synthetic/build.ts': 'where a default is from',
};

const NAME = /(?<![a-z\d])(?:arm|armv\d|arm64|aarch64|x86|i[3-6]86|amd64|ia64|itanium|vax|lpae)(?![a-z])/i;

/** Whether a compiled source without comments names a processor; names of layouts and citations of a source may. */
export function namesProcessor(text: string): boolean {
  const words = text
    .replace(/^\/\/# sourceMappingURL.*$/gm, '')
    .replace(/\bsource: '[^']*'/g, '')
    .replace(/\blinux-[\w-]+/g, '')
    .replace(/([a-z])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])|_/g, '$1$2 ');
  return NAME.test(words);
}
