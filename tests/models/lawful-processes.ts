/** Processes and what they have mapped, for the naive checker of event streams. */
import { EXECUTE, OPERATION_MASK, READ } from '../../core/event/access-mode.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { expect } from './lawful-checks.ts';

interface Mapping {
  prot: number;
  /** What is still mapped, as [start, end). */
  ranges: [number, number][];
}

export interface AddressSpace {
  readonly mappings: Map<number, Mapping>;
  heap: number;
}

export class LawfulProcesses {
  readonly processes = new Map<number, AddressSpace>();
  /** Objects that are mapped, with the number of processes that map each. */
  readonly mappers = new Map<number, number>();
  /** By cpu: the process that runs. */
  private readonly current = new Map<number, number>();
  private readonly newObject: (object: number) => void;
  private readonly countObject: (object: number) => void;

  /** `newObject` says whether a number is free; `countObject` notes that one is taken. */
  constructor(newObject: (object: number) => void, countObject: (object: number) => void) {
    this.newObject = newObject;
    this.countObject = countObject;
  }

  running(cpu: number): AddressSpace {
    const pid = this.current.get(cpu) ?? 0;
    expect(pid !== 0, 'the cpu runs no process');
    return this.processes.get(pid)!;
  }

  newProcess(pid: number, space: AddressSpace): void {
    expect(pid !== 0 && !this.processes.has(pid), 'the pid is taken');
    this.processes.set(pid, space);
  }

  fork(cpu: number, pid: number): void {
    const parent = this.running(cpu);
    const mappings = new Map<number, Mapping>();
    for (const [object, { prot, ranges }] of parent.mappings) {
      mappings.set(object, { prot, ranges: ranges.map(([start, end]) => [start, end]) });
      this.mappers.set(object, this.mappers.get(object)! + 1);
    }
    this.newProcess(pid, { mappings, heap: parent.heap });
  }

  exit(cpu: number): void {
    const space = this.running(cpu);
    this.processes.delete(this.current.get(cpu)!);
    if (!this.isShared(space)) this.empty(space);
    this.current.set(cpu, 0);
  }

  exec(cpu: number): void {
    const space = this.running(cpu);
    if (this.isShared(space, 2)) this.processes.set(this.current.get(cpu)!, { mappings: new Map(), heap: 0 });
    else this.empty(space);
  }

  /** At least so many processes and threads have this address space. */
  private isShared(space: AddressSpace, users = 1): boolean {
    return [...this.processes.values()].filter((one) => one === space).length >= users;
  }

  private empty(space: AddressSpace): void {
    for (const object of space.mappings.keys()) this.dropMapper(object);
    space.mappings.clear();
    space.heap = 0;
  }

  private dropMapper(object: number): void {
    const left = this.mappers.get(object)! - 1;
    if (left > 0) this.mappers.set(object, left);
    else this.mappers.delete(object);
  }

  switchTo(cpu: number, pid: number): void {
    expect(pid === 0 || this.processes.has(pid), 'no such process');
    for (const [other, its] of this.current) {
      expect(pid === 0 || other === cpu || its !== pid, `process ${pid} runs on cpu ${other}`);
    }
    expect(this.current.get(cpu) !== pid, 'the cpu runs it already');
    this.current.set(cpu, pid);
  }

  map(space: AddressSpace, object: number, length: number, flags: number): void {
    expect(length > 0, 'empty mapping');
    this.newObject(object);
    this.mappers.set(object, 1);
    space.mappings.set(object, { prot: flags, ranges: [[0, length]] });
    this.countObject(object);
  }

  unmap(space: AddressSpace, object: number, offset: number, length: number): void {
    const mapping = space.mappings.get(object);
    expect(mapping !== undefined, 'not mapped in this process');
    const end = length === 0 ? Number.POSITIVE_INFINITY : offset + length;
    mapping.ranges = mapping.ranges.flatMap(([from, to]) =>
      (
        [
          [from, Math.min(to, offset)],
          [Math.max(from, end), to],
        ] as [number, number][]
      ).filter(([a, b]) => a < b),
    );
    if (mapping.ranges.length > 0) return;
    space.mappings.delete(object);
    this.dropMapper(object);
  }

  mapped(space: AddressSpace, object: number): Mapping {
    const mapping = space.mappings.get(object);
    expect(mapping !== undefined, 'not mapped in this process');
    return mapping;
  }

  /** Protection is kept by object: of a part that loses a right, nothing is said any more. */
  protect(space: AddressSpace, object: number, offset: number, length: number, prot: number): void {
    const mapping = this.mapped(space, object);
    const isWhole = offset === 0 && length === 0;
    mapping.prot = isWhole ? prot : mapping.prot | prot;
  }

  resize(space: AddressSpace, object: number, length: number): void {
    expect(length > 0, 'empty mapping');
    const mapping = this.mapped(space, object);
    expect(mapping.ranges.length === 1, 'a mapping with holes');
    mapping.ranges = [[mapping.ranges[0]![0], length]];
  }

  brk(space: AddressSpace, object: number, length: number): void {
    expect(length > 0, 'empty heap');
    if (space.heap === 0) {
      this.map(space, object, length, PROT_READ | PROT_WRITE);
      space.heap = object;
    }
    expect(space.heap === object, `the heap is object ${space.heap}`);
    space.mappings.get(object)!.ranges = [[0, length]];
  }

  userAccess(space: AddressSpace, object: number, offset: number, size: number, mode: number): void {
    const mapping = space.mappings.get(object);
    expect(mapping !== undefined, 'neither a kernel object nor mapped in this process');
    const inside = mapping.ranges.some(([from, to]) => offset >= from && offset + size <= to);
    expect(inside, `outside of [${mapping.ranges.join('), [')})`);
    expect((mapping.prot & neededProt(mode & OPERATION_MASK)) !== 0, 'not allowed by its protection');
  }
}

function neededProt(operation: number): number {
  if (operation === EXECUTE) return PROT_EXEC;
  return operation === READ ? PROT_READ : PROT_WRITE;
}
