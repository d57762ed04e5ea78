/**
 * Fields of a tracepoint by name, in any order: for the texts that print the fields of its record and not its own
 * words: the option `fields` of tracefs (`pfn=0x1 (1)`, last field first, print_fields of kernel/trace/trace_output.c),
 * trace-cmd report -R (`pfn=0x1`), perf trace (`pfn: 1, `), bpftrace's print (`.pfn = 1, `).
 */
import { Malformed } from '../base/errors.ts';

export type NamedFields = ReadonlyMap<string, string>;

/** A name, and `=` or `:` behind it; what stands up to the next one is its value. */
const KEY = /(?:^|[\s,({.])([A-Za-z_]\w{0,40}) ?(?:=|: ) ?/g;

export function namedFields(text: string): NamedFields {
  const fields = new Map<string, string>();
  let name: string | undefined;
  let start = 0;
  for (const found of text.matchAll(KEY)) {
    if (name !== undefined) fields.set(name, trimmed(text.slice(start, found.index)));
    name = found[1]!;
    start = found.index + found[0].length;
  }
  if (name !== undefined) fields.set(name, trimmed(text.slice(start)));
  return fields;
}

/** Less the punctuation between fields, and quotes. */
function trimmed(value: string): string {
  // a number in parentheses belongs to its value: `0x1 (1)`
  const closing = value.includes('(') ? ' ,}\r' : ' ,})\r';
  let end = value.length;
  while (end > 0 && closing.includes(value[end - 1]!)) end--;
  const text = value.slice(0, end);
  const inner = text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text;
  return inner.trim();
}

const NUMBER = /^-?(?:0x[0-9a-f]{1,16}|\d{1,20})(?![^\s(,])/i;
/** A byte, as tracefs prints it: its character if it has one, and its number. */
const BYTE = /^(?:'.')?\((\d{1,3})\)$/;
const NOTHING = /^\((?:nil|null)\)/;

/** A pointer: in hex, or as the decimal number that an address of a kernel of 64 bits is. */
const POINTER = /^(?:0x[0-9a-f]{1,16}|\d{19,20}|-\d{1,19}|0)(?![^\s(,])/i;
/** As %p prints it: all of its digits, without 0x. */
const PADDED_POINTER = /^(?:[0-9a-f]{16}|[0-9a-f]{8})(?![^\s(,])/i;

/** The same as `numberOf`, 0 for NULL. */
export function pointerOf(fields: NamedFields, name: string): number {
  const value = fields.get(name);
  if (value === undefined) throw new Malformed(`'${name}='`);
  if (NOTHING.test(value)) return 0;
  const padded = PADDED_POINTER.exec(value)?.[0];
  const text = padded === undefined ? POINTER.exec(value)?.[0] : `0x${padded}`;
  if (text === undefined) throw new Malformed(`a pointer after '${name}='`);
  return Number(BigInt.asUintN(53, BigInt(text)));
}

/** The number of a field, of one above 2^53 its low 53 bits; Malformed when it is missing or none. */
export function numberOf(fields: NamedFields, ...names: readonly string[]): number {
  const value = names.map((name) => fields.get(name)).find((text) => text !== undefined);
  if (value === undefined) throw new Malformed(`'${names[0]}='`);
  if (NOTHING.test(value)) return 0;
  const byte = BYTE.exec(value)?.[1];
  if (byte !== undefined) return Number(byte);
  const [text] = NUMBER.exec(value) ?? [];
  if (text === undefined) throw new Malformed(`a number after '${names[0]}='`);
  return text.startsWith('-') ? Number(text) : low53(text);
}

function low53(text: string): number {
  const value = Number(text);
  return value <= Number.MAX_SAFE_INTEGER ? value : Number(BigInt.asUintN(53, BigInt(text)));
}
