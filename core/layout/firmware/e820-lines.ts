/**
 * The lines in which an x86 kernel tells of its memory map: entries of the map that the firmware gave, of the maps that
 * the kernel made of it (`user:`, `modified:`), and single changes (`e820: update`, `e820: remove`).
 *
 * Sources: arch/x86/kernel/e820.c (e820__print_table, e820_print_type, __e820__range_update, e820__range_remove), v6.1 and
 * later, where types have other words since 6.15; v3.0 (e820_print_map) for addresses without brackets.
 */
import { SYSTEM_RAM } from './memory-map.ts';

/** An entry of a map: [start, end) is of this type. */
export interface E820Entry {
  readonly kind: 'entry';
  /** The map it belongs to: `BIOS-e820`, `user`. */
  readonly map: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly name: string;
}

/** What was of one type is of another from here on; undefined: of any type, or of none any more. */
export interface E820Change {
  readonly kind: 'change';
  readonly start: bigint;
  readonly end: bigint;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** What the log calls a type, and what /proc/iomem does. */
const NAMES: readonly (readonly [type: RegExp, name: string])[] = [
  [/^(?:usable|System RAM)$/i, SYSTEM_RAM],
  [/^(?:device )?reserved$/i, 'Reserved'],
  [/^ACPI (?:data|Tables)$/i, 'ACPI Tables'],
  [/^ACPI N/i, 'ACPI Non-volatile Storage'],
  [/^unusable/i, 'Unusable memory'],
  [/^persistent/i, 'Persistent Memory'],
  [/^soft reserved$/i, 'Soft Reserved'],
];

export function e820Name(type: string): string {
  return NAMES.find(([pattern]) => pattern.test(type))?.[1] ?? 'Unknown E820 type';
}

/** Maps that a kernel prints whole; other lines with addresses and words are of something else. */
const MAP = String.raw`(?<map>BIOS-[\w]{1,8}|user|modified|extended|Xen|XEN|VMI|Lguest|reserve setup_data)`;
const TYPE =
  'System RAM|device reserved|soft reserved|ACPI (?:data|NVS|Tables|Non-volatile Storage)|' +
  'persistent(?: RAM| memory)?(?: \\(type \\d{1,10}\\))?|unusable(?: memory)?|type \\d{1,10}|[a-z]{4,20}';
const NUMBER = '[0-9a-f]{1,16}';

/** `BIOS-e820: [mem 0x0000000000100000-0x000000003ffdffff] usable`: first and last byte. */
const ENTRY = String.raw`${MAP}: \[mem 0x(?<first>${NUMBER})-0x(?<last>${NUMBER})\]\s+(?<type>${TYPE})`;
/** ` BIOS-e820: 0000000000100000 - 000000003ffe0000 (usable)`, before v3.5: the end is the first byte above. */
const OLD_ENTRY = String.raw`${MAP}: (?<first>${NUMBER}) - (?<end>${NUMBER}) \((?<type>[^)]{1,40})\)`;
const CHANGE = String.raw`(?<verb>update|remove) \[mem 0x(?<first>${NUMBER})-0x(?<last>${NUMBER})\](?: (?<type>${TYPE}))?(?: ==> (?<to>${TYPE}))?`;
const OLD_CHANGE = String.raw`(?<verb>update|remove) range: (?<first>${NUMBER}) - (?<end>${NUMBER}) \((?<type>[^)]{1,40})\)(?: ==> \((?<to>[^)]{1,40})\))?`;

const FORMS: readonly (readonly [form: RegExp, isChange: boolean])[] = [
  [new RegExp(ENTRY, 'gi'), false],
  [new RegExp(OLD_ENTRY, 'gi'), false],
  [new RegExp(CHANGE, 'gi'), true],
  [new RegExp(OLD_CHANGE, 'gi'), true],
];
/** An entry in a form that no kernel has: the map would be read with a hole. A range that is empty tells nothing. */
const UNREADABLE = /BIOS-e820: *(?:\[(?!gap )|[0-9a-f]{8})/i;

/** All that a line tells, in its order. */
export function e820Events(text: string): (E820Entry | E820Change)[] {
  const found = FORMS.flatMap(([form, isChange]) =>
    [...text.matchAll(form)].map((match) => ({ at: match.index, event: eventOf(match.groups!, isChange) })),
  );
  return found.sort((a, b) => a.at - b.at).map(({ event }) => event);
}

/** Whether a line has an entry that none of the forms fits. */
export function isUnreadable(text: string): boolean {
  return UNREADABLE.test(text) && e820Events(text).length === 0;
}

type Groups = Readonly<Record<string, string | undefined>>;

function eventOf(
  { map, verb, first, last, end, type, to }: Groups,
  isChange: boolean,
): E820Entry | E820Change {
  const range = {
    start: BigInt(`0x${first}`),
    end: end === undefined ? BigInt(`0x${last}`) + 1n : BigInt(`0x${end}`),
  };
  if (!isChange) return { kind: 'entry', map: map!, ...range, name: e820Name(type!.trim()) };
  const from = type === undefined ? undefined : e820Name(type.trim());
  return {
    kind: 'change',
    ...range,
    from,
    to: verb === 'update' && to !== undefined ? e820Name(to.trim()) : undefined,
  };
}
