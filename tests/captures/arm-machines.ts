/**
 * The ARM oracle: machines and boards that booted Linux 6.1 and printed their figures.
 *
 * Read from the folder that VMSPLIT_ORACLE_ARM names (<id>.json or .json.gz, as captured), else from
 * tests/fixtures/oracle-arm.
 */
import { join } from 'node:path';
import type { KernelBuild, KernelImage, LayoutOptions } from '../../core/layout/catalog/index.ts';
import type { ArmMachine } from './arm-machine.ts';
import { bootSize, kernelSection, machinesIn } from './machine-files.ts';

const FOLDER = process.env.VMSPLIT_ORACLE_ARM ?? join(import.meta.dirname, '../fixtures/oracle-arm');

export function armMachines(): ArmMachine[] {
  return machinesIn(FOLDER);
}

const SPLITS: Readonly<Record<string, string>> = {
  VMSPLIT_3G: '3g1g',
  VMSPLIT_3G_OPT: '3g1g-opt',
  VMSPLIT_2G: '2g2g',
  VMSPLIT_1G: '1g3g',
};

/** The layout that stands for a machine's kernel configuration. */
export function armLayoutName({ config }: ArmMachine): string {
  if (config.arch === 'arm64') {
    const granule = config.page_size === '4K' ? '' : `${config.page_size!.toLowerCase()}-`;
    return `linux-arm64-${granule}${config.va_bits}`;
  }
  return `linux-arm-${SPLITS[config.vmsplit!]}${config.lpae ? '-lpae' : ''}${config.highmem ? '' : '-nohighmem'}`;
}

/** What the machine had, what it was built with and booted with. */
export function armOptions(machine: ArmMachine): LayoutOptions {
  const { smp, config, extra_cmdline, consts, variant } = machine;
  const vmallocBytes = bootSize(extra_cmdline, 'vmalloc');
  return {
    ...memoryOf(machine),
    cpus: smp === 0 ? Number(consts.num_present_cpus) : smp,
    nrCpus: config.nr_cpus,
    ...(vmallocBytes !== undefined && { vmallocBytes }),
    kernelImage: imageOf(machine),
    build: buildOf(machine),
    // Debian's kernel for arm64 has APEI and KASLR.
    ...(config.arch === 'arm64' && !variant.startsWith('arm') && { fixmapOptionPages: 5 }),
  };
}

/** QEMU's `virt` has its RAM at 1 GiB; boards have it where their device trees say. */
function memoryOf({ ram_mb, variant, extra_cmdline, memblock }: ArmMachine): LayoutOptions {
  if (!variant.startsWith('board-'))
    return { ramBytes: bootSize(extra_cmdline, 'mem') ?? BigInt(ram_mb) << 20n };
  const memoryMap = memblock.memory.map((line) => {
    const [first, last] = line.split(/: |\.\./).slice(1);
    return { start: BigInt(first!), end: BigInt(last!) + 1n };
  });
  return { memoryMap };
}

function buildOf({ config, consts, variant, meminfo_kb }: ArmMachine): Partial<KernelBuild> {
  const isDebian = !/^arm/.test(variant);
  return {
    zoneDma: config.zone_dma,
    hugetlb: config.hugetlb_page,
    structPageBytes: Number(consts.sizeof_page),
    maxOrder: Number(consts.MAX_ORDER),
    // Debian's kernels are built without PTDUMP_DEBUGFS, with the erratum that 32-bit kernels have a workaround for, and
    // with control groups of memory.
    smallKernelPages: !isDebian,
    kmapLocalKeepsApart: isDebian,
    memcg: isDebian,
    thp: 'AnonHugePages' in meminfo_kb,
  };
}

/** Where the sections of the machine's kernel lie in physical memory. */
function imageOf({ iomem, consts }: ArmMachine): KernelImage {
  const [text, data] = [kernelSection(iomem, 'code'), kernelSection(iomem, 'data')];
  const image = consts.kimage_voffset;
  const offset =
    image === undefined ? BigInt(consts.PAGE_OFFSET!) - BigInt(consts.PHYS_OFFSET!) : BigInt(image);
  const physical = (symbol: string): bigint => BigInt(consts[symbol]!) - offset;
  const codeEnd = physical('_etext');
  return {
    ...{ start: text.start, end: data.end },
    code: { start: text.start, end: codeEnd },
    rodata: { start: codeEnd, end: text.end },
    data,
    bss: { start: data.end, end: data.end },
    brkEnd: data.end,
    idtTable: data.end,
    rootTable: consts.swapper_pg_dir === undefined ? text.start : physical('swapper_pg_dir'),
    realModePages: 0,
  };
}
