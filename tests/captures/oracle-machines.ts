/**
 * The oracle: machines that booted Linux 6.1 and printed their figures.
 *
 * Read from the folder that VMSPLIT_ORACLE names (<id>.json or .json.gz, as captured), else from
 * tests/fixtures/oracle.
 */
import { join } from 'node:path';
import { buildLayout, type KernelImage, type LayoutOptions } from '../../core/layout/catalog/index.ts';
import { bootSize, kernelSection, machinesIn, readMachine } from './machine-files.ts';
import type { OracleMachine } from './oracle-machine.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/oracle');
const FOLDER = process.env.VMSPLIT_ORACLE ?? FIXTURES;

/** One machine of the fixtures, for tests that look at a certain one. */
export function fixtureMachine(id: string): OracleMachine {
  return readMachine(join(FIXTURES, `${id}.json.gz`));
}

export function oracleMachines(): OracleMachine[] {
  return machinesIn(FOLDER);
}

const SPLITS: Record<string, string> = {
  VMSPLIT_3G: '3g1g',
  VMSPLIT_3G_OPT: '3g1g-opt',
  VMSPLIT_2G: '2g2g',
  VMSPLIT_2G_OPT: '2g2g-opt',
  VMSPLIT_1G: '1g3g',
};

/** The layout that stands for a machine's kernel configuration. */
export function layoutNameOf({ config }: OracleMachine): string {
  if (config.arch === 'x86_64') return config.levels === 5 ? 'linux-x86_64-la57' : 'linux-x86_64';
  const suffix = `${config.pae ? '-pae' : ''}${config.highmem === null ? '-nohighmem' : ''}`;
  return `linux-${SPLITS[config.vmsplit!]}${suffix}`;
}

/** Builds whose sections core/layout/x86/kernel-image.ts knows. */
const KNOWN_BUILDS = [
  ...['i386-3g', 'i386-3gopt', 'i386-2g', 'i386-2gopt', 'i386-1g', 'i386-3g-pae', 'i386-3g-up'],
  ...['i386-3g-nohighmem', 'x86_64'],
];

/** What the machine had and was booted with; of a build that is not known, also where its sections lie. */
export function optionsOf(oracle: OracleMachine): LayoutOptions {
  const { ram_mb, smp, config, extra_cmdline, variant, consts } = oracle;
  const vmallocBytes = bootSize(extra_cmdline, 'vmalloc');
  const highmemBytes = bootSize(extra_cmdline, 'highmem');
  return {
    ramBytes: BigInt(ram_mb) << 20n,
    cpus: smp,
    nrCpus: config.nr_cpus,
    ...(vmallocBytes === undefined ? {} : { vmallocBytes }),
    ...(highmemBytes === undefined ? {} : { highmemBytes }),
    // Whether by a boot option or without it: what the kernel found that the processor has.
    ...(consts.cpu_pse === '0x0' && { nopse: true }),
    ...(consts.cpu_pge === '0x0' && { nopge: true }),
    ...(KNOWN_BUILDS.includes(variant) ? {} : { kernelImage: imageOf(oracle) }),
  };
}

function imageOf(oracle: OracleMachine): KernelImage {
  const { iomem, consts } = oracle;
  const { kernelImage: known } = buildLayout(layoutNameOf(oracle));
  const section = (name: string) => kernelSection(iomem, name);
  const [code, bss] = [section('code'), section('bss')];
  const physical = (symbol: string): bigint => BigInt(consts[symbol]!) - BigInt(consts._text!) + code.start;
  return {
    ...known,
    ...{ start: code.start, end: bss.end, code, rodata: section('rodata'), data: section('data'), bss },
    brkEnd: physical('_end'),
    rootTable: physical('swapper_pg_dir'),
    idtTable: known.idtTable - known.bss.start + bss.start,
  };
}
