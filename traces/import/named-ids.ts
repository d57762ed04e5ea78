/**
 * Numbers for objects that know who asked for them. A number that is free again goes to the same caller only, so that
 * it has one name in all of a trace, and the names cost an event nothing: there are some more numbers instead.
 */
import { MAX_NAME_LETTERS, MAX_NAMED_OBJECTS, MAX_NAMES, namesNote } from '../vmt/object-names.ts';

/** Who has no name, or one too many. */
const NOBODY = 0;

export class NamedIds {
  /** Requests whose caller has no name: too many others came before, or it is too long. */
  nameless = 0;
  private highest = 0;
  private named = 0;
  private readonly callers = new Map<string, number>([['', NOBODY]]);
  private readonly names: string[] = [''];
  /** By caller: numbers that are free again. */
  private readonly free: number[][] = [[]];
  /** By number. */
  private readonly callerOf: number[] = [NOBODY];

  take(name = ''): number {
    const caller = this.callers.get(name) ?? this.newCaller(name);
    return this.free[caller]!.pop() ?? this.newId(caller);
  }

  give(id: number): void {
    this.free[this.callerOf[id]!]!.push(id);
  }

  /** Undefined when nothing has a name. */
  note(): Record<string, string> | undefined {
    if (this.names.length === 1) return undefined;
    const named = [...this.callerOf.entries()].filter(([, caller]) => caller !== NOBODY);
    return namesNote(named.map(([id, caller]) => [id, this.names[caller]!]));
  }

  private newId(caller: number): number {
    const isNamed = caller !== NOBODY && this.named < MAX_NAMED_OBJECTS;
    if (isNamed) this.named++;
    else if (caller !== NOBODY) this.nameless++;
    this.callerOf.push(isNamed ? caller : NOBODY);
    return ++this.highest;
  }

  private newCaller(name: string): number {
    if (this.names.length > MAX_NAMES || name.length > MAX_NAME_LETTERS) {
      this.nameless++;
      return NOBODY;
    }
    const caller = this.names.push(name) - 1;
    this.callers.set(name, caller);
    this.free.push([]);
    return caller;
  }
}
