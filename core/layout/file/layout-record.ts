/**
 * A built layout as plain data, all figures included, and the layout again: for machines that are written to bytes.
 * Architecture, kernel and what is known of it are named, since they have formulas; tables are written out.
 */
import { type OwnTables, withTables } from '../../arch/own-tables.ts';
import { UsageError } from '../../base/errors.ts';
import type { Layout } from '../layout.ts';
import { unknownBoot } from '../unknown-boot.ts';
import { architectureNamed, bootedKernel, familyNamed, kernelOfName } from './platforms.ts';

/** Of bigints, numbers, texts, lists and objects only. */
export type LayoutRecord = Omit<Layout, 'arch' | 'kernel' | 'booted'> & {
  readonly arch: { readonly name: string } & OwnTables;
  readonly kernel: string;
};

/** @throws UsageError when the architecture or the family is in no table, so that a name would not be enough */
export function layoutRecord({ kernel, booted, arch, ...rest }: Layout): LayoutRecord {
  const { name, wordBits, virtualBits, pageShift, translation, pageWindows } = arch;
  if (architectureNamed(name) === undefined || kernelOfName(kernel.name) !== kernel)
    throw new UsageError(
      `layout ${rest.name}: found architecture ${name} under kernel ${kernel.name}, expected both to be in the tables ` +
        'of layout/file/platforms.ts: such a machine cannot be written to bytes',
    );
  return {
    ...rest,
    kernel: kernel.name,
    arch: { name, wordBits, virtualBits, pageShift, translation, pageWindows },
  };
}

/** The inverse. */
export function layoutOfRecord({ arch, kernel: kernelName, ...rest }: LayoutRecord): Layout {
  const { name, ...own } = arch;
  const base = architectureNamed(name);
  const family = familyNamed(rest.family);
  const kernel = kernelOfName(kernelName);
  if (base === undefined || family === undefined || kernel === undefined)
    throw new UsageError(
      `layout ${rest.name}: found architecture ${name} of family ${rest.family} under kernel ${kernelName}, expected ones in the tables of ` +
        'layout/file/platforms.ts: read it with the version that wrote it',
    );
  return {
    ...rest,
    arch: withTables(base, own),
    kernel,
    booted: kernel === family.kernel ? bootedKernel(family, name) : unknownBoot(bootedKernel(family, name)),
  };
}
