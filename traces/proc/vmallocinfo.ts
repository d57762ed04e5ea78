/** /proc/vmallocinfo: the areas of the vmalloc window (s_show and show_purge_info of mm/vmalloc.c). */
import { hexDigits, type ProcPlace, ProcText } from './text.ts';

/** A line of /proc/vmallocinfo. */
export interface VmallocinfoArea {
  /** Virtual addresses [start, end); undefined when the kernel hides or hashes them (kernel.kptr_restrict). */
  readonly start?: bigint;
  readonly end?: bigint;
  /** With the guard page, if the area has one. */
  readonly sizeBytes: number;
  /** Symbol + offset of who asked for it, if anybody did. */
  readonly caller?: string;
  /** Pages behind it, if vmalloc counts them. */
  readonly nrPages?: number;
  /** Physical address behind an ioremap. */
  readonly physical?: bigint;
  /** ioremap, vmalloc, vmap, user, dma-coherent, vpages; or, of an area that nobody owns, what it is. */
  readonly flags: readonly string[];
  /** By NUMA node, if the kernel has nodes: pages of the area that lie there. */
  readonly nodePages: Readonly<Record<string, number>>;
}

/** An address holds no dash, so that the pattern has one way to fit. */
const LINE = /^0x([^\s-]+)-0x([^\s-]+) +(\d+)(?: (.+))?$/;
const UNOWNED = ['unpurged vm_area', 'vm_map_ram'];
const FLAGS = ['ioremap', 'vmalloc', 'vmap', 'user', 'dma-coherent', 'sparse', 'vpages'];

/** An empty file is an empty window. */
export function parseVmallocinfo(text: string, place?: ProcPlace): VmallocinfoArea[] {
  if (text.trim() === '') return [];
  const lines = new ProcText(text, '/proc/vmallocinfo', place);
  return lines.untilEnd(() => {
    const [, start, end, size, words = ''] = lines.expect(
      LINE,
      "'0xf7e01000-0xf7e05000   16384 n_tty_open+0x11/0x80 pages=3 vmalloc'",
    );
    const sizeBytes = Number(size);
    return { ...addresses(start!, end!, sizeBytes), sizeBytes, ...ownership(lines, words) };
  });
}

/** Hashed addresses are numbers too, but not `sizeBytes` apart. */
function addresses(from: string, to: string, sizeBytes: number): Pick<VmallocinfoArea, 'start' | 'end'> {
  if (![from, to].every((digits) => /^[0-9a-f]{1,16}$/.test(digits))) return {};
  const [start, end] = [BigInt(`0x${from}`), BigInt(`0x${to}`)];
  return end - start === BigInt(sizeBytes) ? { start, end } : {};
}

type Ownership = Omit<VmallocinfoArea, 'start' | 'end' | 'sizeBytes'>;

function ownership(lines: ProcText, words: string): Ownership {
  if (UNOWNED.includes(words)) return { flags: [words], nodePages: {} };
  const flags: string[] = [];
  const nodePages: Record<string, number> = {};
  const values: { -readonly [K in 'caller' | 'nrPages' | 'physical']?: VmallocinfoArea[K] } = {};
  for (const word of words.split(' ').filter((word) => word !== '')) {
    const [, name, value] = /^(\w+)=(\w+)$/.exec(word) ?? [];
    if (FLAGS.includes(word)) flags.push(word);
    else if (name === 'pages' && /^\d{1,15}$/.test(value!)) values.nrPages = Number(value);
    // Without 0x before 3.10 (%lx, then %pa): hexadecimal all the same.
    else if (name === 'phys' && /^(?:0x)?[0-9a-f]{1,16}$/.test(value!))
      values.physical = BigInt(`0x${value!.replace(/^0x/, '')}`);
    else if (/^N\d+=\d{1,15}$/.test(word)) nodePages[name!] = Number(value);
    else if (/\+0x|^0x/.test(word) && values.caller === undefined) values.caller = word;
    else if (/^\[\w+\]$/.test(word) && values.caller !== undefined)
      values.caller += ` ${word}`; // the module that the caller is in
    else lines.reject("'unpurged vm_area', or a caller, pages=, phys= and flags such as vmalloc or ioremap");
  }
  return { ...values, flags, nodePages };
}

/** How wide a kernel prints addresses. */
export interface AddressDigits {
  /** Hexadecimal digits of a virtual address: 8 or 16. */
  readonly virtual: number;
  /** Of a physical one (phys_addr_t): 16 with PAE too. */
  readonly physical: number;
}

/** Addresses that are not known are printed as a kernel prints those that it hides. */
export function formatVmallocinfo(areas: readonly VmallocinfoArea[], digits: AddressDigits): string {
  const address = (value: bigint | undefined): string =>
    value === undefined ? hidden(digits.virtual) : hexDigits(value, digits.virtual);
  return areas
    .map((area) => {
      const size = String(area.sizeBytes).padStart(7);
      return `${[`0x${address(area.start)}-0x${address(area.end)} ${size}`, ...description(area, digits)].join(' ')}\n`;
    })
    .join('');
}

/** `(ptrval)`, `(____ptrval____)`. */
function hidden(digits: number): string {
  const fill = '_'.repeat((digits - '(ptrval)'.length) / 2);
  return `(${fill}ptrval${fill})`;
}

function description(area: VmallocinfoArea, { physical: digits }: AddressDigits): string[] {
  const { caller, nrPages, physical, flags, nodePages } = area;
  return [
    ...(caller === undefined ? [] : [caller]),
    ...(nrPages === undefined ? [] : [`pages=${nrPages}`]),
    ...(physical === undefined ? [] : [`phys=0x${hexDigits(physical, digits)}`]),
    ...flags,
    ...Object.entries(nodePages).map(([node, pages]) => `${node}=${pages}`),
  ];
}
