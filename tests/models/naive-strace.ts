/**
 * What a strace says of address spaces, naively: a set of page numbers for each, and a look ahead through the whole
 * text for who is whose child. Knows only calls that succeed.
 */
const PAGE = 4096;

interface Space {
  readonly pages: Set<number>;
  /** Where the heap ends, rounded up. */
  brk?: number;
}

interface Parent {
  readonly pid: string;
  readonly shares: boolean;
}

const ROOT = '1';
const HEAD = /^(?:\[pid +(\d+)\] |(\d+) )?\d\d:\d\d:\d\d\.\d+ (.*)$/;

/** Lines with a process and something to say; halves joined at the second, as are lines that strace interrupted. */
function statements(text: string): { pid: string; body: string; line: number }[] {
  const begun = new Map<string, string>();
  const found: { pid: string; body: string; line: number }[] = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const head = HEAD.exec(lines[i]!);
    if (head === null) continue;
    const pid = head[1] ?? head[2] ?? ROOT;
    let body = head[3]!;
    if (/strace: Process \d+ attached$/.test(body))
      body = body.replace(/strace: Process.*$/, '') + (lines[++i] ?? '');
    if (body.endsWith('<unfinished ...>')) begun.set(pid, body.replace(/ *<unfinished \.\.\.>$/, ''));
    else
      found.push({ pid, line: i, body: body.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(pid) ?? '') });
  }
  return found;
}

/** By pid of the child. */
function parents(text: string): Map<string, Parent> {
  const all = statements(text).flatMap(({ pid, body }): [string, Parent][] => {
    const call = /^(v?fork|clone3?)\((.*) = (\d+)$/.exec(body);
    if (call === null) return [];
    return [[call[3]!, { pid, shares: call[1] === 'vfork' || call[2]!.includes('CLONE_VM') }]];
  });
  return new Map(all);
}

interface NaiveSpaces {
  /** Bytes mapped by each process just before it ended, in that order. */
  readonly atExit: readonly number[];
  /** Bytes mapped by each process alive at the end, by its pid; 1 is one that no line names. */
  readonly alive: ReadonlyMap<number, number>;
}

/** @param nrLines so many lines of the text are to be taken; all of it is known for who is whose child */
export function naiveSpaces(text: string, nrLines = Number.POSITIVE_INFINITY): NaiveSpaces {
  const parentOf = parents(text);
  const all = statements(text);
  const isUnnamedFirst = all[0]?.pid === ROOT;
  const known = all.filter(({ line }) => line < nrLines);
  // of a log that is cut before the first process ends, or of strace -qq
  const endsAreTold = known.some(({ body }) => body.startsWith('+++ exited'));
  const root = known.find(({ pid }) => pid !== ROOT && !parentOf.has(pid))?.pid ?? ROOT;
  const nameOf = (pid: string): string => (isUnnamedFirst && !parentOf.has(pid) ? root : pid);
  const spaces = new Map<string, Space>();
  const atExit: number[] = [];
  const spaceOf = (name: string): Space => {
    const known = spaces.get(name);
    if (known !== undefined) return known;
    const parent = parentOf.get(name);
    const above = parent === undefined ? undefined : spaceOf(nameOf(parent.pid));
    const space = parent?.shares ? above! : { ...above, pages: new Set(above?.pages) };
    spaces.set(name, space);
    return space;
  };
  for (const { pid, body, line } of all) {
    if (line >= nrLines) break;
    const name = nameOf(pid);
    const space = spaceOf(name);
    const child = /^(?:v?fork|clone3?)\(.* = (\d+)$/.exec(body)?.[1];
    if (child !== undefined) spaceOf(child);
    if (/^execve\(.* = 0$/.test(body)) spaces.set(name, { pages: new Set() });
    else if (body.startsWith('+++') || (!endsAreTold && body.startsWith('exit_group('))) {
      atExit.push(space.pages.size * PAGE);
      spaces.delete(name);
    } else apply(space, body);
  }
  const alive = new Map([...spaces].map(([name, { pages }]) => [Number(name), pages.size * PAGE]));
  return { atExit, alive };
}

function apply(space: Space, body: string): void {
  const call = /^(\w+)\((.*)\) += (0x[0-9a-f]+|0)$/.exec(body);
  if (call === null) return;
  const [, name, list, result] = call;
  const [first, second, third] = list!.split(', ').map((arg) => (arg === 'NULL' ? 0 : Number(arg)));
  const to = Number(result);
  if (name === 'mmap') range(to, second!, (page) => space.pages.add(page));
  if (name === 'munmap') range(first!, second!, (page) => space.pages.delete(page));
  // succeeds only where all is mapped
  if (/^(mprotect|madvise|mlock|munlock)$/.test(name!)) {
    if (!/MADV_(DONTFORK|FREE)/.test(list!)) range(first!, second!, (page) => space.pages.add(page));
  }
  if (name === 'mremap') {
    range(first!, second!, (page) => space.pages.delete(page));
    range(to, third!, (page) => space.pages.add(page));
  }
  if (name === 'brk') applyBrk(space, to);
}

/** A page in which the heap ends is mapped whole. */
function applyBrk(space: Space, wanted: number): void {
  const end = Math.ceil(wanted / PAGE) * PAGE;
  const before = space.brk ?? end;
  space.brk = end;
  range(before, end - before, (page) => space.pages.add(page));
  range(end, before - end, (page) => space.pages.delete(page));
}

function range(start: number, length: number, visit: (page: number) => void): void {
  for (let page = Math.floor(start / PAGE); page * PAGE < start + length; page++) visit(page);
}
