/**
 * Students: each solves one kind of question from what is given alone, by hand. They know nothing of the machine that made
 * it, so that answers that they find too are determined by the question, and right.
 */
import type { Given, Question } from '../../../replay/quiz/index.ts';

/** By part. */
export type Answers = Readonly<Record<string, string>>;
export type Student = (question: Question) => Answers;

type Table = Extract<Given, { form: 'table' }>;

const tablesOf = ({ given }: Question): Table[] => given.filter((one): one is Table => one.form === 'table');
const textOf = ({ given }: Question): string =>
  given.flatMap((one) => (one.form === 'text' ? [one.text] : [])).join(' ');
const tableWith = (question: Question, head: string): Table =>
  tablesOf(question).find((table) => table.head[0]!.startsWith(head))!;
const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** A number behind some words of what is given. */
function told(question: Question, words: RegExp): bigint {
  const found = new RegExp(`${words.source}(0x[0-9a-f]+|[0-9]+)`).exec(textOf(question));
  return BigInt(found?.[1] ?? 0);
}

interface Place {
  readonly name: string;
  readonly from: bigint;
  readonly to: bigint;
}

function placesOf(question: Question): Place[] {
  return tableWith(question, 'region').rows.map(([name, from, to]) => ({
    name: name!,
    from: BigInt(from!),
    to: BigInt(to!),
  }));
}

/** Kernel address to physical as the macro does it: a subtraction, or the lower bits. */
function macroPa(question: Question, address: bigint): bigint {
  const keeps = told(question, /__pa keeps the lower /);
  if (keeps !== 0n) return BigInt.asUintN(Number(keeps), address);
  const map = told(question, /__START_KERNEL_map is /);
  const base = told(question, /PAGE_OFFSET is /) - told(question, /PHYS_OFFSET is /);
  const bits = Number(told(question, /registers have /));
  return BigInt.asUintN(bits, address - (map !== 0n && address >= map ? map : base));
}

const LINEAR = ['direct map', 'kernel image'];

export const classify: Student = (question) => {
  const places = placesOf(question);
  const answers: Record<string, string> = {};
  const constant: string[] = [];
  for (const [number, value, seen] of tableWith(question, 'number').rows) {
    const region = places.find(({ from, to }) => from <= BigInt(value!) && BigInt(value!) <= to)?.name;
    if (seen!.startsWith('the address that a page-table')) answers[`type-${number}`] = 'physical';
    else if (seen!.startsWith('what dma_map')) answers[`type-${number}`] = 'bus';
    else if (region === undefined) answers[`type-${number}`] = 'no address';
    else if (region.endsWith('user space')) answers[`type-${number}`] = 'user virtual';
    else answers[`type-${number}`] = region === 'direct map' ? 'kernel logical' : 'kernel virtual';
    if (seen!.startsWith('a pointer') && LINEAR.includes(region ?? '')) constant.push(number!);
    if (constant[0] === number) answers.physical = hex(macroPa(question, BigInt(value!)));
  }
  return { ...answers, constant: constant.join(', ') || 'none' };
};

export const macros: Student = (question) => {
  const places = placesOf(question);
  const bits = Number(told(question, /registers have /));
  const [pageOffset, physOffset] = [told(question, /PAGE_OFFSET is /), told(question, /PHYS_OFFSET is /)];
  const lowBytes = told(question, /high_memory, the end of the direct map, is /) - pageOffset;
  const answers: Record<string, string> = {};
  for (const { id, ask } of question.parts) {
    const call = /__(pa|va)\((0x[0-9a-f]+)\)/.exec(ask);
    if (call === null) continue;
    const [, macro, written] = call;
    const address = BigInt(written!);
    const inLinear = places.some(
      ({ name, from, to }) => LINEAR.includes(name) && from <= address && address <= to,
    );
    const inLow = address >= physOffset && address < physOffset + lowBytes;
    const result =
      macro === 'pa' ? macroPa(question, address) : BigInt.asUintN(bits, address + pageOffset - physOffset);
    answers[id] = hex(result);
    answers[id.replace('value', 'means')] = (macro === 'pa' ? inLinear : inLow) ? 'yes' : 'no';
  }
  return answers;
};

/** A line of a dump: an entry, and what it says where that is told beside it. */
interface Entry {
  readonly value: bigint;
  readonly says: string | undefined;
}

/** What a dump leaves out. */
const NOTHING: Entry = { value: 0n, says: undefined };

/** Every entry in the dump by its address. */
function memoryOf(question: Question, entryBytes: bigint): Map<bigint, Entry> {
  const memory = new Map<bigint, Entry>();
  for (const { head, rows } of tablesOf(question))
    for (const [at, entry, says] of rows) {
      if (head[1]!.startsWith('8 bytes'))
        entry!.split(' ').forEach((byte, i) => {
          memory.set(BigInt(at!) + BigInt(i), { value: BigInt(`0x${byte}`), says });
        });
      else memory.set(BigInt(at!), { value: BigInt(entry!), says });
    }
  expectMultiple([...memory.keys()], entryBytes);
  return memory;
}

function expectMultiple(addresses: readonly bigint[], bytes: bigint): void {
  if (addresses.some((address) => address % bytes !== 0n)) throw new Error('an entry lies across two');
}

/** The number of a flag's bit; undefined: such entries have none. */
function bitOf(question: Question, flag: string): bigint | undefined {
  const found = new RegExp(`(\\d+): ${flag}`).exec(textOf(question));
  return found === null ? undefined : BigInt(found[1]!);
}

function hasFlag(
  question: Question,
  { value, says }: Entry,
  flag: string,
  words = flag,
): boolean | undefined {
  if (says !== undefined) return says.split(', ').includes(words);
  const bit = bitOf(question, flag);
  return bit === undefined ? undefined : ((value >> bit) & 1n) === 1n;
}

export const translate: Student = (question) => {
  const text = textOf(question);
  const address = BigInt(/the byte at (0x[0-9a-f]+)/.exec(text)![1]!);
  const entryBytes = told(question, /An entry has /);
  const low = told(question, /the number of the frame in bits /);
  const high = told(question, /the number of the frame in bits \d+ to /);
  const memory = memoryOf(question, entryBytes);
  const fields = [.../(\d+) bits of (\w+)/g[Symbol.matchAll](/An address has ([^.]*)\./.exec(text)![1]!)];
  const answers: Record<string, string> = {};
  const levels: [name: string, index: bigint][] = [];
  let left = fields.reduce((sum, [, bits]) => sum + BigInt(bits!), 0n);
  for (const [, bits, name] of fields) {
    left -= BigInt(bits!);
    const value = (address >> left) & ((1n << BigInt(bits!)) - 1n);
    if (['sign', 'root', 'region', 'unused'].includes(name!)) continue;
    levels.push([name!, value]);
    answers[`index-${name}`] = String(value);
  }
  const offsetBits = BigInt(fields.at(-1)![1]!);
  const tables = tablesOf(question).map(({ head }) => /^(\w+) table at (0x[0-9a-f]+)/.exec(head[0]!)!);
  let table = BigInt(tables[0]![2]!);
  let mappedBits = levels.slice(0, -1).reduce((sum, [name]) => sum + widthOf(fields, name), offsetBits);
  for (const [i, [name, index]] of levels.slice(0, -1).entries()) {
    mappedBits -= widthOf(fields, name);
    const entry = memory.get(table + index * entryBytes) ?? NOTHING;
    answers.entry = hex(entry.value);
    if (hasFlag(question, entry, 'present') !== true)
      return { ...answers, end: 'page fault: not present', physical: 'none' };
    const frame = (entry.value >> low) & ((1n << (high - low + 1n)) - 1n);
    const isLast =
      i === levels.length - 2 || hasFlag(question, entry, 'maps a large page itself', 'large page');
    if (isLast) return endOf(question, answers, entry, frame << offsetBits, address, mappedBits);
    table = tableIn(tables, levels[i + 1]![0], frame << offsetBits, offsetBits, entry.value);
  }
  throw new Error('no table says it');
};

function widthOf(fields: readonly RegExpExecArray[], name: string): bigint {
  return BigInt(fields.find(([, , other]) => other === name)![1]!);
}

/** Where tables share a page, an entry says which of them it is. */
function tableIn(
  tables: readonly RegExpExecArray[],
  level: string,
  page: bigint,
  offsetBits: bigint,
  entry: bigint,
): bigint {
  const inPage = tables
    .filter(([, name, at]) => name === level && BigInt(at!) >> offsetBits === page >> offsetBits)
    .map(([, , at]) => BigInt(at!));
  const masked = entry & ~0x3ffn;
  return inPage.find((at) => at === page) ?? inPage.find((at) => at === masked) ?? inPage[0]!;
}

function endOf(
  question: Question,
  answers: Answers,
  entry: Entry,
  frame: bigint,
  address: bigint,
  mappedBits: bigint,
): Answers {
  const text = textOf(question);
  const byUser = text.includes('in user mode,');
  const writes = text.includes(' writes ');
  const refused =
    (byUser && hasFlag(question, entry, 'user mode may', 'user') === false) ||
    (writes && hasFlag(question, entry, 'writable') === false);
  if (refused) return { ...answers, end: 'page fault: not allowed', physical: 'none' };
  const inPage = address & ((1n << mappedBits) - 1n);
  return { ...answers, end: 'no fault', physical: hex(frame - (frame % (1n << mappedBits)) + inPage) };
}

export const tlb: Student = (question) => {
  const text = textOf(question);
  const sets = /in (\d+) sets of (\d+)/.exec(text);
  const [nrSets, ways] =
    sets === null ? [1, Number(/of (\d+) entries/.exec(text)![1])] : [Number(sets[1]), Number(sets[2])];
  const isLru = text.includes('LRU');
  const shift = BigInt(/last (\d+) bits/.exec(question.hint)![1]!);
  const held: bigint[][] = Array.from({ length: nrSets }, () => []);
  const verdicts = tableWith(question, 'reference').rows.map(([, address]) => {
    const page = BigInt(address!) >> shift;
    const set = held[Number(page % BigInt(nrSets))]!;
    const at = set.indexOf(page);
    if (at >= 0 && isLru) set.push(...set.splice(at, 1));
    if (at >= 0) return 'hit';
    if (set.length === ways) set.shift();
    set.push(page);
    return 'miss';
  });
  return {
    stream: verdicts.map((verdict) => verdict[0]).join(''),
    hits: String(verdicts.filter((verdict) => verdict === 'hit').length),
    held: held.flat().map(hex).join(' '),
  };
};

export const buddy: Student = (question) => {
  const lists: number[][] = [];
  for (const [order, blocks] of tableWith(question, 'order').rows)
    lists[Number(order)] = blocks === 'none' ? [] : blocks!.split(' ').map(Number);
  const largest = lists.length - 1;
  const held = new Map<string, readonly [pfn: number, order: number]>();
  const answers: Record<string, string> = {};
  for (const [number, step] of tableWith(question, 'step').rows) {
    const asked = /^(\w) = alloc_pages, order (\d+)$/.exec(step!);
    if (asked !== null) {
      const order = Number(asked[2]);
      let from = order;
      while (lists[from]!.length === 0) from++;
      const pfn = lists[from]!.shift()!;
      while (from > order) lists[--from]!.unshift(pfn + 2 ** from);
      held.set(asked[1]!, [pfn, order]);
      answers[`block-${number}`] = hex(pfn);
      continue;
    }
    let [pfn, order] = held.get(step!.replace('free ', ''))!;
    for (; order < largest; order++) {
      const buddy = pfn ^ (1 << order);
      const at = lists[order]!.indexOf(buddy);
      if (at < 0) break;
      lists[order]!.splice(at, 1);
      pfn = Math.min(pfn, buddy);
    }
    lists[order]!.unshift(pfn);
    answers[`order-${number}`] = String(order);
  }
  for (const { id } of question.parts.filter(({ id }) => id.startsWith('list-')))
    answers[id] = lists[Number(id.slice(5))]!.map(hex).join(' ') || 'none';
  return answers;
};

export const kmap: Student = (question) => {
  const text = textOf(question);
  const slots = Number(told(question, /The window has /));
  const base = told(question, /from /);
  let last = Number(told(question, /Slots 1 to /));
  const inUse = (/of them ([\d, ]+) (?:is|are) still in use/.exec(text)?.[1] ?? '')
    .split(', ')
    .filter((slot) => slot !== '');
  const count: number[] = Array.from({ length: slots }, (_, slot) => (slot >= 1 && slot <= last ? 1 : 0));
  for (const slot of inUse) count[Number(slot)] = 2;
  const slotOf = new Map<string, number>();
  const answers: Record<string, string> = { flush: 'none' };
  for (const [number, call] of tableWith(question, 'call').rows) {
    const [, name, page] = /^(k\w+)\((\w)\)$/.exec(call!)!;
    if (name === 'kunmap') {
      count[slotOf.get(page!)!]!--;
      continue;
    }
    let slot = slotOf.get(page!);
    for (; slot === undefined; slot = count[last] === 0 ? last : undefined) {
      last = (last + 1) % slots;
      if (last > 0) continue;
      if (answers.flush === 'none') answers.flush = number!;
      for (const [owner, unused] of slotOf) if (count[unused] === 1) slotOf.delete(owner);
      count.forEach((users, at) => {
        if (users === 1) count[at] = 0;
      });
    }
    if (!slotOf.has(page!)) count[slot] = 1;
    slotOf.set(page!, slot);
    count[slot]!++;
    answers[`slot-${number}`] = String(slot);
    const pageBytes = 4096n;
    answers.address ??= hex(base + BigInt(slot) * pageBytes);
  }
  return answers;
};

/** A zone by its figures. */
interface ZoneFigures {
  readonly name: string;
  free: number;
  /** By flags of a request: pages that it must leave; undefined: it gets nothing here. */
  readonly kept: Readonly<Record<string, number | undefined>>;
  /** Free blocks by order. */
  readonly blocks: number[];
}

const count = (text: string): number => Number(text.replaceAll(',', ''));

function zonesOf(question: Question): ZoneFigures[] {
  const marks = tableWith(question, 'zone');
  const blocks = tableWith(question, 'order').rows;
  return marks.rows.map(([name, free, ...kept], i) => ({
    name: name!,
    free: count(free!),
    kept: Object.fromEntries(
      marks.head
        .slice(2)
        .map((head, k) => [
          head.replace('kept from ', ''),
          kept[k] === 'not for it' ? undefined : count(kept[k]!),
        ]),
    ),
    blocks: blocks[i]!.slice(1).map(Number),
  }));
}

const LARGEST_ORDER = (question: Question): number => tableWith(question, 'order').head.length - 2;

/** The smallest block that is large enough, of which the rest stays free in halves. */
function take(zone: ZoneFigures, order: number): void {
  const { blocks } = zone;
  let from = order;
  while (blocks[from] === 0) from++;
  blocks[from]!--;
  while (from > order) blocks[--from]!++;
  zone.free -= 2 ** order;
}

/** One block for flags that name the highest zone; the words of what becomes of it. */
function ask(zones: ZoneFigures[], order: number, flags: string): string {
  const named = zones[0]!.kept[flags] === undefined ? 'GFP_KERNEL' : flags;
  const mayHave = zones.filter(({ kept }) => kept[named] !== undefined);
  const roomy = mayHave.filter(({ free, kept }) => free - (2 ** order - 1) > kept[named]!);
  const serves = roomy.findLast(({ blocks }) => blocks.some((count, size) => size >= order && count > 0));
  if (serves !== undefined) {
    take(serves, order);
    return 'done';
  }
  if (roomy.length > 0) return 'memory in pieces';
  const high = zones.find(({ name }) => name === 'HighMem');
  const isHighFree = high !== undefined && high.free - (2 ** order - 1) > high.kept.GFP_HIGHUSER!;
  return named === 'GFP_KERNEL' && isHighFree ? 'low memory used up' : 'out of memory';
}

/** Single pages from anywhere: all of them, or none is kept. */
function askPages(zones: ZoneFigures[], pages: number): string {
  const before = zones.map(({ free, blocks }) => ({ free, blocks: [...blocks] }));
  for (let page = 0; page < pages; page++) {
    const became = ask(zones, 0, 'GFP_HIGHUSER');
    if (became === 'done') continue;
    for (const [i, zone] of zones.entries()) Object.assign(zone, before[i]);
    return became;
  }
  return 'done';
}

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

function bytesIn(text: string): number {
  const [, amount, unit] = /([\d.]+) ([KMGTP]?i?B)/.exec(text)!;
  return Number(amount) * UNITS[unit!]!;
}

export const requests: Student = (question) => {
  const zones = zonesOf(question);
  const text = textOf(question);
  const pageBytes = bytesIn(/pages have ([\d.]+ \w+)/.exec(text)![1]!);
  const isLow = !text.includes('of HighMem.');
  const slots = /kmap: (\d+) of (\d+) slots/.exec(text);
  const hole = bytesIn(/largest hole ([\d.]+ \w+)/.exec(text)![1]!);
  const answers: Record<string, string> = {};
  let isMapped = false;
  const become = (request: string): string => {
    const asked = /^(\w+)\((.*)\)$/.exec(request)!;
    const words = asked[2]!.split(', ');
    if (asked[1] === 'access') return isLow || isMapped ? 'done' : 'no kernel address';
    if (asked[1] === 'kmap') {
      if (!isLow && slots![1] === slots![2]) return 'kmap slots used up';
      isMapped = true;
      return 'done';
    }
    if (asked[1] === 'vmalloc') {
      if (bytesIn(words[1]!) + pageBytes > hole) return 'no hole of addresses';
      return askPages(zones, bytesIn(words[1]!) / pageBytes);
    }
    const isPages = asked[1] === 'page_alloc';
    const pages = isPages ? 0 : Math.ceil(bytesIn(words[1]!) / pageBytes);
    const order = isPages
      ? Number(words[1]!.replace('order ', ''))
      : Math.ceil(Math.log2(Math.max(pages, 1)));
    if (order > LARGEST_ORDER(question)) return 'too large at once';
    return ask(zones, order, words[2]!);
  };
  for (const { id, ask: request } of question.parts) answers[id] = become(request);
  return answers;
};
