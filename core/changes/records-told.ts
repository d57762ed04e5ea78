/** Changes of processes, address spaces and files in words: the patches say where, the machines say what. */
import type { Patch } from 'immer';
import type { FileRecord, Machine, Mm, Process, Records } from '../machine/machine.ts';
import { endVpn, type Vma } from '../mm/vma.ts';

const KINDS: { readonly [K in keyof Records]: string } = {
  processes: 'process',
  mms: 'address space',
  files: 'file',
};

/** A sentence for every record that came, went or changed in a field; for every VMA that came, went or was cut. */
export function tellRecords(before: Machine, after: Machine, patches: readonly Patch[]): string[] {
  const touched = new Map<string, readonly [keyof Records, number]>();
  for (const { path } of patches) {
    const [kind, id] = path as [keyof Records, string | number];
    touched.set(`${kind} ${id}`, [kind, Number(id)]);
  }
  return [...touched.values()].flatMap(([kind, id]) =>
    tellRecord(`${KINDS[kind]} ${id}`, before.records[kind][id], after.records[kind][id]),
  );
}

type AnyRecord = Process | Mm | FileRecord;

function tellRecord(name: string, before: AnyRecord | undefined, after: AnyRecord | undefined): string[] {
  if (after === undefined) return [`${name} is gone`];
  if (before === undefined) return [`${name} comes into being`, ...vmasTold(name, [], vmasOf(after))];
  const fields = Object.keys(after) as (keyof AnyRecord)[];
  const changed = fields.filter(
    (field) => typeof after[field] === 'number' && before[field] !== after[field],
  );
  return [
    ...changed.map((field) => `${name}: ${field} ${before[field]} → ${after[field]}`),
    ...vmasTold(name, vmasOf(before), vmasOf(after)),
  ];
}

function vmasOf(record: AnyRecord): readonly Vma[] {
  return 'vmas' in record ? record.vmas.toArray() : [];
}

function vmasTold(name: string, before: readonly Vma[], after: readonly Vma[]): string[] {
  const kept = new Set(before.filter((vma) => after.includes(vma)));
  const gone = before.filter((vma) => !kept.has(vma));
  const come = after.filter((vma) => !kept.has(vma));
  return [
    ...gone.map((vma) => tellGone(name, vma, come)),
    ...come
      .filter((vma) => !gone.some((old) => overlaps(old, vma)))
      .map((vma) => `${name}: VMA ${rangeOf(vma)} maps object ${vma.object}`),
  ];
}

/** A VMA that went, and what lies now where it lay. */
function tellGone(name: string, vma: Vma, come: readonly Vma[]): string {
  const now = come.filter((other) => overlaps(vma, other));
  const parts = now.map(rangeOf).join(' and ');
  if (now.length === 0) return `${name}: VMA ${rangeOf(vma)} of object ${vma.object} is unmapped`;
  if (now.length > 1) return `${name}: VMA ${rangeOf(vma)} of object ${vma.object} is split into ${parts}`;
  if (parts === rangeOf(vma))
    return `${name}: VMA ${parts} of object ${vma.object} has other rights or flags`;
  const grown = now[0]!.nrPages > vma.nrPages ? 'grows' : 'is cut';
  return `${name}: VMA ${rangeOf(vma)} of object ${vma.object} ${grown} to ${parts}`;
}

function overlaps(a: Vma, b: Vma): boolean {
  return a.startVpn < endVpn(b) && b.startVpn < endVpn(a);
}

/** Pages [start, end). */
function rangeOf(vma: Vma): string {
  return `${vma.startVpn.toString(16)}-${endVpn(vma).toString(16)}`;
}
