/** What changed between two trees of VMAs, as immer's patches of a list: which VMA, and of one that is cut which field. */
import { type Patch, produceWithPatches } from 'immer';
import type { Vma } from './vma.ts';
import type { Vmas } from './vmas.ts';

type WritableVma = { -readonly [K in keyof Vma]: Vma[K] };

/** Patches below `path`, where the VMAs are. */
export function vmaPatches(path: Patch['path'], before: Vmas, after: Vmas): Patch[] {
  const [from, to] = [before.toArray(), after.toArray()];
  const [, told] = produceWithPatches(from, (list) => writeStretch(list, from, to));
  return told.map((patch) => ({ ...patch, path: [...path, ...patch.path] }));
}

/** Replaces what lies between the VMAs that both lists begin with and those that both end with. */
function writeStretch(target: WritableVma[], from: readonly Vma[], to: readonly Vma[]): void {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && from[start] === to[start]) start++;
  let kept = 0;
  while (kept < shorter - start && from.at(-1 - kept) === to.at(-1 - kept)) kept++;
  if (from.length !== to.length)
    target.splice(start, from.length - kept - start, ...to.slice(start, to.length - kept));
  else for (let i = start; i < to.length - kept; i++) Object.assign(target[i]!, changed(from[i]!, to[i]!));
}

/** Fields of a VMA that are not what they were. */
function changed(from: Vma, to: Vma): Partial<Vma> {
  const fields = Object.keys(to) as (keyof Vma)[];
  return Object.fromEntries(
    fields.filter((field) => from[field] !== to[field]).map((field) => [field, to[field]]),
  );
}
