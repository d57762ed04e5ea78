/** The kernel's command line as far as memory goes. A later option of one name counts, but for mem= of boards and memmap=. */

export interface BootOptions {
  readonly vmallocBytes?: bigint;
  readonly highmemBytes?: bigint;
  /** mem=SIZE: RAM above that is not used. */
  readonly memLimit?: bigint;
  /** mem=SIZE@START of boards: banks in the place of those that the loader told of. */
  readonly banks: readonly { readonly start: bigint; readonly end: bigint }[];
  /** memmap=, in order. */
  readonly memmap: readonly MemmapOption[];
  /** nr_cpus=: as many may come at most. */
  readonly nrCpus?: number;
  /** maxcpus=: as many are started; nosmp is maxcpus=0. */
  readonly maxCpus?: number;
  readonly cma?: CmaOption;
  /** swiotlb=: bounce buffers, in slots of 2 KiB. */
  readonly swiotlbSlots?: number;
  /** As written: what no layout follows from. */
  readonly pti?: string;
  readonly transparentHugepage?: string;
  readonly nopae: boolean;
  readonly nopse: boolean;
  readonly nopge: boolean;
}

/** cma=SIZE[@BASE[-LIMIT]]: memory for contiguous buffers, from BASE on and below LIMIT, if those are given. */
export interface CmaOption {
  readonly bytes: bigint;
  readonly base?: bigint;
  readonly limit?: bigint;
}

export type MemmapOption =
  | { readonly kind: 'exact' }
  /** What lies at [start, end) from now on. */
  | {
      readonly kind: 'range';
      readonly start: bigint;
      readonly end: bigint;
      readonly sign: '@' | '#' | '$' | '!';
    }
  | { readonly kind: 'limit'; readonly bytes: bigint };

const SHIFTS: Readonly<Record<string, bigint>> = { '': 0n, K: 10n, M: 20n, G: 30n, T: 40n, P: 50n, E: 60n };

/** memparse() of lib/cmdline.c: a number of any base with one letter behind it; undefined for what is none. */
export function memparse(text: string): bigint | undefined {
  const [, digits, unit = ''] = /^(0x[0-9a-f]{1,16}|\d{1,20})([KMGTPE])?(?:i?B)?$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  return value << SHIFTS[unit.toUpperCase()]!;
}

export function bootOptions(commandLine: string): BootOptions {
  const words = commandLine.replace(/^"|"$/g, '').split(/\s+/);
  const values = (name: string): string[] =>
    words.filter((word) => word.startsWith(`${name}=`)).map((word) => word.slice(name.length + 1));
  const size = (name: string): bigint | undefined => memparse(values(name).at(-1)?.split(/[@-]/)[0] ?? '');
  const count = (name: string): number | undefined => {
    const digits = /^\d{1,4}$/.exec(values(name).at(-1) ?? '')?.[0];
    return digits === undefined ? undefined : Number(digits);
  };
  const memory = values('mem').map(rangeOf);
  const limit = memory.findLast((one) => one !== undefined && one.start === undefined);
  const vmallocBytes = size('vmalloc');
  const highmemBytes = size('highmem');
  const cma = cmaOption(values('cma').at(-1) ?? '');
  const nrCpus = count('nr_cpus');
  const maxCpus = words.includes('nosmp') ? 0 : count('maxcpus');
  const swiotlbSlots = /^\d{1,8}/.exec(values('swiotlb').at(-1) ?? '')?.[0];
  const [pti] = values('pti').slice(-1);
  const [transparentHugepage] = values('transparent_hugepage').slice(-1);
  return {
    ...(vmallocBytes !== undefined && { vmallocBytes }),
    ...(highmemBytes !== undefined && { highmemBytes }),
    ...(cma !== undefined && { cma }),
    ...(swiotlbSlots !== undefined && { swiotlbSlots: Number(swiotlbSlots) }),
    ...(limit !== undefined && { memLimit: limit.bytes }),
    banks: memory.flatMap((one) =>
      one?.start === undefined ? [] : [{ start: one.start, end: one.start + one.bytes }],
    ),
    memmap: values('memmap').flatMap((value) => value.split(',').flatMap(memmapOption)),
    ...(nrCpus !== undefined && { nrCpus }),
    ...(maxCpus !== undefined && { maxCpus }),
    ...(pti !== undefined && { pti }),
    ...(transparentHugepage !== undefined && { transparentHugepage }),
    nopae: words.includes('nopae'),
    nopse: words.includes('nopse'),
    nopge: words.includes('nopge'),
  };
}

/** early_cma() of kernel/dma/contiguous.c: `64M`, `64M@0x10000000`, `64M@0x10000000-0x20000000`; undefined for what is none. */
export function cmaOption(text: string): CmaOption | undefined {
  const [, size, from, below] = /^([^@]{1,24})(?:@([^-]{1,24})(?:-(.{1,24}))?)?$/.exec(text) ?? [];
  const [bytes, base, limit] = [size, from, below].map((one) => (one === undefined ? one : memparse(one)));
  if (bytes === undefined || (from !== undefined && base === undefined)) return undefined;
  if (below !== undefined && limit === undefined) return undefined;
  return { bytes, ...(base !== undefined && { base }), ...(limit !== undefined && { limit }) };
}

/** `512M`, `512M@0x80000000`. */
function rangeOf(text: string): { bytes: bigint; start: bigint | undefined } | undefined {
  const [size = '', place] = text.split('@');
  const bytes = memparse(size);
  const start = place === undefined ? undefined : memparse(place);
  if (bytes === undefined || (place !== undefined && start === undefined)) return undefined;
  return { bytes, start };
}

function memmapOption(text: string): MemmapOption[] {
  if (text === 'exactmap') return [{ kind: 'exact' }];
  const [, size, sign, place] = /^([0-9a-fxKMGT]{1,20})(?:([@#$!])([0-9a-fxKMGT]{1,20}))?$/i.exec(text) ?? [];
  const bytes = memparse(size ?? '');
  if (bytes === undefined) return [];
  if (sign === undefined) return [{ kind: 'limit', bytes }];
  const start = memparse(place!);
  if (start === undefined) return [];
  return [{ kind: 'range', start, end: start + bytes, sign: sign as '@' }];
}
