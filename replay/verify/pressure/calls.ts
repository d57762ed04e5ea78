/** What a program of a script does to parts of its memory, its children, and time that goes by. */
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  PROT_READ,
  PROT_WRITE,
  UsageError,
} from '../../../core/index.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { compactNode } from '../../../core/reclaim/compaction.ts';
import { CPU } from '../../../core/state/cpus.ts';
import { scanPages } from '../../../core/vm/khugepaged.ts';
import { type BouncePhase, bouncePhases, DiskRequests } from './disk-requests.ts';
import { objectOf, withPiece } from './mappings.ts';
import { HERE, type Player } from './player.ts';
import type { MemoryCalls } from './script.ts';
import { khugepagedTimes, type StepCounts, stepCounts, stepTimes } from './step-counts.ts';

const PAGE_BYTES = 4096;
const NS_PER_MS = 1e6;
/** An event says how long it came after the one before it in 32 bits. */
const MOST_NS = 2 ** 32 - 1;

const ADVICE: Readonly<Record<string, number>> = {
  dontneed: MADV_DONTNEED,
  hugepage: MADV_HUGEPAGE,
  nohugepage: MADV_NOHUGEPAGE,
};
const PROTECTIONS: Readonly<Record<string, number>> = { none: 0, r: PROT_READ, rw: PROT_READ | PROT_WRITE };

/** What is not predicted, but read from a trace: the same for every machine that is tried. */
export interface Told {
  /** Times of steps, from when the machine began. */
  readonly stepNs: ReadonlyMap<number, number>;
  /** When khugepaged looks at the place of a huge page, ascending. */
  readonly looksNs: readonly number[];
  readonly bouncePhases: readonly BouncePhase[];
}

/** @param begin mark of the capture at which the machine began */
export function toldBy(trace: string, begin: string): Told {
  return {
    stepNs: stepTimes(trace, begin),
    looksNs: khugepagedTimes(trace, begin),
    bouncePhases: bouncePhases(trace),
  };
}

export class Calls implements MemoryCalls {
  /** What was counted when a step was done, by its number. */
  readonly steps = new Map<number, StepCounts>();
  /** The same of the last step, once its process had ended. */
  afterEnd: StepCounts | undefined;
  /** What goes to and from a disk behind bounce buffers. */
  readonly disk: DiskRequests;
  private readonly player: Player;
  private readonly told: Told;
  /** Which look of khugepaged is the next one to come. */
  private nextLook = 0;

  constructor(player: Player, told: Told) {
    this.player = player;
    this.told = told;
    this.disk = new DiskRequests(told.bouncePhases);
  }

  unmap(name: string, first: number, count: number): void {
    this.player.add({ kind: 'munmap', ...HERE, ...this.range(name, first, count) });
  }

  advise(name: string, word: string, pages: readonly [number, number] | undefined): void {
    const advice = chosen(ADVICE, word, 'advice');
    const { head } = this.player.mapping(name);
    const range = pages === undefined ? { ...this.range(name, -head, 0) } : this.range(name, ...pages);
    this.player.add({ kind: 'madvise', ...HERE, ...range, advice });
  }

  protect(name: string, first: number, count: number, word: string): void {
    const prot = chosen(PROTECTIONS, word, 'protection');
    this.player.add({ kind: 'mprotect', ...HERE, ...this.range(name, first, count), prot });
  }

  /** mremap() of a part to a fixed place in another mapping. */
  move(name: string, first: number, count: number, over: string, page: number): void {
    const { player } = this;
    const part = this.cut(name, first);
    this.cut(name, first + count);
    const target = player.mapping(over);
    const offset = (target.head + page - player.mapping(name).head - first) * PAGE_BYTES;
    player.add({
      kind: 'mremap_fixed',
      ...HERE,
      object: part,
      over: objectOf(target, page),
      offset: offset + (player.mapping(name).head + first) * PAGE_BYTES,
    });
    const mapping = player.mapping(name);
    player.mappings.set(name, { ...mapping, gone: [...mapping.gone, part] });
  }

  /** Gives the pages from one on an object of their own. */
  private cut(name: string, first: number): number {
    const { player } = this;
    const mapping = player.mapping(name);
    const known = mapping.pieces.find((piece) => piece.first === first);
    if (known !== undefined) return known.object;
    const tail = player.newId();
    const offset = (mapping.head + first) * PAGE_BYTES;
    player.add({ kind: 'vma_split', ...HERE, object: objectOf(mapping, first), tail, offset });
    player.mappings.set(name, withPiece(mapping, first, tail));
    return tail;
  }

  private range(name: string, first: number, count: number) {
    const mapping = this.player.mapping(name);
    const offset = (mapping.head + first) * PAGE_BYTES;
    return { object: objectOf(mapping, first), offset, length: count * PAGE_BYTES };
  }

  fork(name: string): void {
    const { player } = this;
    const pid = player.processes.size + 1;
    player.processes.set(pid, name);
    player.add({ kind: 'fork', ...HERE, pid });
  }

  switchTo(name: string): void {
    const { player } = this;
    const [pid] = [...player.processes].find(([, known]) => known === name) ?? [];
    if (pid === undefined) throw new UsageError(`found process '${name}', expected one that was started`);
    player.pid = pid;
    player.add({ kind: 'switch', ...HERE, pid });
  }

  sleep(ms: number): void {
    this.passTime(ms * NS_PER_MS);
  }

  waitFor(step: number, msBefore: number): void {
    const time = this.told.stepNs.get(step);
    if (time === undefined) return;
    const until = time - msBefore * NS_PER_MS;
    this.lookUntil(until);
    const now = this.player.machine.cpus.get(0, CPU.clockNs);
    this.passTime(until - now);
  }

  /** Who runs when the kernel decides, and the trace tells: khugepaged does what is due. */
  private lookUntil(ns: number): void {
    const { player } = this;
    const { looksNs } = this.told;
    player.flush();
    const { thp } = player.machine.platform;
    if (thp === undefined || looksNs.length === 0) return;
    const draft = Draft.of(player.machine);
    for (; this.nextLook < looksNs.length && looksNs[this.nextLook]! <= ns; this.nextLook++)
      scanPages(draft, thp.nrPages);
    player.machine = draft.seal(false).machine;
  }

  /** The process that runs does nothing for so long; what is due then is done. */
  private passTime(ns: number): void {
    const { player } = this;
    for (let left = Math.floor(ns); left > 0; left -= MOST_NS)
      player.add({ kind: 'switch', cpu: 0, thinkNs: Math.min(left, MOST_NS), pid: player.pid });
    player.add({ kind: 'switch', ...HERE, pid: player.pid });
  }

  /** Somebody writes to /proc/sys/vm/compact_memory. */
  compactAll(): void {
    const { player } = this;
    player.flush();
    const draft = Draft.of(player.machine);
    if (player.machine.platform.reclaim !== undefined) compactNode(draft);
    player.machine = draft.seal(false).machine;
  }

  step(number: number): void {
    this.player.flush();
    this.steps.set(number, stepCounts(this.player.machine, this.player.pid));
  }

  end(): void {
    const { player } = this;
    player.add({ kind: 'exit', ...HERE });
    player.flush();
    this.afterEnd = stepCounts(player.machine, player.pid);
  }
}

function chosen(words: Readonly<Record<string, number>>, word: string, what: string): number {
  const value = words[word];
  if (value === undefined)
    throw new UsageError(`found ${what} '${word}', expected one of ${Object.keys(words).join(', ')}`);
  return value;
}
