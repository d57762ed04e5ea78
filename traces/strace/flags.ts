/**
 * Flags as strace prints them: by name, as a number (-X raw, -e raw), or as both (-X verbose), as numbers of Linux
 * (include/uapi/asm-generic/mman-common.h, mman.h; linux/mman.h, sched.h, shm.h; v6.1). Alpha, MIPS and PA-RISC number
 * some otherwise: where there is a name, it counts.
 */
import type { Argument } from './arguments.ts';

type Names = ReadonlyMap<string, number>;

export const PROTECTIONS: Names = new Map([
  ['PROT_NONE', 0],
  ['PROT_READ', 1],
  ['PROT_WRITE', 2],
  ['PROT_EXEC', 4],
]);

export const MAP_TYPE_MASK = 0xf;
export const LINUX_MAP_SHARED = 1;
export const LINUX_MAP_SHARED_VALIDATE = 3;
export const LINUX_MAP_FIXED = 0x10;
export const LINUX_MAP_ANONYMOUS = 0x20;
export const LINUX_MAP_POPULATE = 0x8000;
export const LINUX_MAP_STACK = 0x2_0000;
export const MAPPING_FLAGS: Names = new Map([
  ['MAP_SHARED', LINUX_MAP_SHARED],
  ['MAP_PRIVATE', 2],
  ['MAP_SHARED_VALIDATE', LINUX_MAP_SHARED_VALIDATE],
  ['MAP_FIXED', LINUX_MAP_FIXED],
  ['MAP_ANONYMOUS', LINUX_MAP_ANONYMOUS],
  ['MAP_ANON', LINUX_MAP_ANONYMOUS],
  ['MAP_POPULATE', LINUX_MAP_POPULATE],
  ['MAP_STACK', LINUX_MAP_STACK],
]);

export const LINUX_MREMAP_MAYMOVE = 1;
export const LINUX_MREMAP_FIXED = 2;
export const LINUX_MREMAP_DONTUNMAP = 4;
export const MREMAP_FLAGS: Names = new Map([
  ['MREMAP_MAYMOVE', LINUX_MREMAP_MAYMOVE],
  ['MREMAP_FIXED', LINUX_MREMAP_FIXED],
  ['MREMAP_DONTUNMAP', LINUX_MREMAP_DONTUNMAP],
]);

export const ADVICE: Names = new Map([
  ['MADV_NORMAL', 0],
  ['MADV_RANDOM', 1],
  ['MADV_SEQUENTIAL', 2],
  ['MADV_WILLNEED', 3],
  ['MADV_DONTNEED', 4],
  ['MADV_FREE', 8],
  ['MADV_REMOVE', 9],
  ['MADV_DONTFORK', 10],
  ['MADV_DOFORK', 11],
  ['MADV_MERGEABLE', 12],
  ['MADV_UNMERGEABLE', 13],
  ['MADV_HUGEPAGE', 14],
  ['MADV_NOHUGEPAGE', 15],
  ['MADV_DONTDUMP', 16],
  ['MADV_DODUMP', 17],
  ['MADV_WIPEONFORK', 18],
  ['MADV_KEEPONFORK', 19],
  ['MADV_COLD', 20],
  ['MADV_PAGEOUT', 21],
  ['MADV_POPULATE_READ', 22],
  ['MADV_POPULATE_WRITE', 23],
  ['MADV_DONTNEED_LOCKED', 24],
  ['MADV_COLLAPSE', 25],
  ['MADV_HWPOISON', 100],
  ['MADV_SOFT_OFFLINE', 101],
]);

export const CLONE_FLAGS: Names = new Map([
  ['CLONE_VM', 0x100],
  ['CLONE_VFORK', 0x4000],
  ['CLONE_THREAD', 0x1_0000],
]);

export const LINUX_SHM_RDONLY = 0o10000;
export const LINUX_SHM_REMAP = 0o40000;
export const LINUX_SHM_EXEC = 0o100000;
export const SHM_FLAGS: Names = new Map([
  ['SHM_RDONLY', LINUX_SHM_RDONLY],
  ['SHM_REMAP', LINUX_SHM_REMAP],
  ['SHM_EXEC', LINUX_SHM_EXEC],
]);

/** Words repeat from line to line: what they came to, by the words. */
const MEMO = new Map<Names, Map<string, number>>();
const MAX_MEMO = 1_000;

/** The flags that have a name here, or-ed; names that are not known count as nothing. */
export function flagsOf(argument: Argument | undefined, names: Names): number {
  if (argument === undefined) return 0;
  const { text, comment } = argument;
  const memo = MEMO.get(names) ?? new Map<string, number>();
  const known = comment === undefined ? memo.get(text) : undefined;
  if (known !== undefined) return known;
  const flags = readFlags(text, comment, names);
  MEMO.set(names, memo);
  if (comment === undefined && memo.size < MAX_MEMO) memo.set(text, flags);
  return flags;
}

function readFlags(text: string, comment: string | undefined, names: Names): number {
  const named = comment?.split('|').filter((name) => names.has(name)) ?? [];
  const words = named.length > 0 ? named : text.split('|').map((word) => word.trim());
  return words.reduce((bits, word) => bits | (names.get(word) ?? numberOf(word)), 0);
}

const NUMBER = /^(?:0x[0-9a-f]+|\d+)$/;

/** The number of a word that is one; flags have no more than 32 bits. */
function numberOf(word: string): number {
  return NUMBER.test(word) ? Number(word) % 2 ** 32 : 0;
}

/** An advice, by name or as a number; undefined for a name that is not known. */
export function adviceOf(argument: Argument | undefined): number | undefined {
  const { text = '', comment = text } = argument ?? {};
  return ADVICE.get(comment) ?? ADVICE.get(text) ?? (NUMBER.test(text) ? numberOf(text) : undefined);
}

/** The name of a number, as strace would print it. */
export function nameOf(number: number, names: Names): string | undefined {
  for (const [name, value] of names) if (value === number) return name;
  return undefined;
}
