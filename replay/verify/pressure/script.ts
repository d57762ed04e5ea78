/**
 * Scripts: what a program did to memory, in which order, for captures that hold counts and marks but not each access.
 *
 * A line is a statement; '#' begins a comment. Arguments are expressions without blanks (expression.ts) over names that
 * the capture gives values: its notes ('N 29952'), numbers of its kernel command line, MemTotal and MemFree in pages.
 *
 *     begin MARK              the machine starts as it was at this mark of the dumps (first line)
 *     default NAME VALUE      if the capture does not say it; a list is `100:0,50:300`
 *     process NAME [ADJ]      a process comes, with this oom_score_adj, and runs from here on
 *     exit                    it ends
 *     anon NAME PAGES         it maps private memory
 *     file NAME PAGES         a file is on disk
 *     mapfile NAME FILE PAGES it maps a file, shared, to read
 *     write NAME FIRST COUNT  it writes to pages of a mapping, ascending
 *     read NAME FIRST COUNT   it reads them
 *     pread FILE FIRST COUNT  read() of pages of a file
 *     kmalloc BYTES COUNT     the kernel takes so many objects on its behalf
 *     slab CACHE BYTES COUNT  the same of a cache of its own; of `rcl-...` they can be reclaimed
 *     extents FIRST COUNT     the same for so many extents and holes of a file, which ext4 gives back when memory is short
 *     recall FILE PAGES STEP LEAF  of each STEPth page that is to be read again those of its leaf (LEAF pages) that it gave back
 *     hugeanon NAME PAGES SPARE  private memory that begins where a huge page can; SPARE more pages lie around it
 *     unmap NAME FIRST COUNT  it unmaps pages
 *     madvise NAME dontneed|hugepage|nohugepage [FIRST COUNT]   of pages, or of all of it
 *     mprotect NAME FIRST COUNT none|r|rw
 *     mremap NAME FIRST COUNT OVER PAGE   it moves pages to a place in another mapping
 *     fork NAME, switch NAME  it has a child; another process runs
 *     sleep MS                time goes by
 *     wait STEP [MS]          until so long before the time at which the capture's trace has the step
 *     step NUMBER             a step of the capture is done: its counts are compared
 *     compactall              all memory is compacted (vm.compact_memory)
 *     dread BYTES             it reads of a virtio disk into a buffer, with O_DIRECT
 *     bread FIRST COUNT       it reads pages of that disk through the page cache
 *     mark NAME               a mark of the capture is reached
 *     repeat COUNT [as NAME] ... end, each LIST as NAME NAME INDEX ... end, if EXPRESSION ... end
 *     forever ... end         until the process that runs is killed
 *
 * In names `{i}` stands for a value. A name that is given again is a new thing.
 */
import { UsageError } from '../../../core/index.ts';
import { type Expression, readExpression } from './expression.ts';

/** What a process does to parts of its memory. */
export interface MemoryCalls {
  unmap(name: string, first: number, count: number): void;
  /** Of the whole mapping without `pages`, the first and how many. */
  advise(name: string, advice: string, pages: readonly [number, number] | undefined): void;
  protect(name: string, first: number, count: number, prot: string): void;
  move(name: string, first: number, count: number, over: string, page: number): void;
  fork(name: string): void;
  switchTo(name: string): void;
  sleep(ms: number): void;
  waitFor(step: number, msBefore: number): void;
  step(number: number): void;
  compactAll(): void;
  readonly disk: { direct(bytes: number): void; buffered(first: number, pages: number): void };
}

/** What carries a script out. */
export interface ScriptMachine {
  process(name: string, adj: number): void;
  exit(): void;
  anon(name: string, pages: number): void;
  file(name: string, pages: number): void;
  mapFile(name: string, file: string, pages: number): void;
  touch(name: string, first: number, count: number, writes: boolean): void;
  readFile(file: string, first: number, count: number): void;
  kmalloc(bytes: number, count: number): void;
  slab(cache: string, bytes: number, count: number): void;
  /** ext4 remembers these extents, as long as there is memory. */
  extents(first: number, count: number): void;
  /** Pages are wanted again, up to so many in such steps: of those that are to be read it remembers all that their leaves tell. */
  recall(file: string, pages: number, step: number, leafPages: number): void;
  /** Maps that many pages, of which the first begins where a huge page can, and `spare` others around them. */
  hugeAnon(name: string, pages: number, spare: number): void;
  readonly calls: MemoryCalls;
  mark(name: string): void;
  /** Whether the process that runs lives. */
  isAlive(): boolean;
}

interface Statement {
  readonly line: number;
  readonly words: readonly string[];
  /** Of repeat, each, if, forever. */
  readonly body: readonly Statement[];
}

export interface Script {
  readonly name: string;
  /** The mark that the machine starts from. */
  readonly begin: string;
  readonly statements: readonly Statement[];
}

/** What a statement has to do with: its words, their values as expressions and as names. */
interface Arguments {
  readonly machine: ScriptMachine;
  readonly word: (at: number) => string | undefined;
  readonly value: (at: number) => number;
  readonly name: (at: number) => string;
}

/** Fewest and most words of a statement, and what it does. */
type Verb = readonly [least: number, most: number, act: (statement: Arguments) => void];

const VERBS: Readonly<Record<string, Verb>> = {
  process: [
    2,
    3,
    ({ machine, name, word, value }) => machine.process(name(1), word(2) === undefined ? 0 : value(2)),
  ],
  exit: [1, 1, ({ machine }) => machine.exit()],
  anon: [3, 3, ({ machine, name, value }) => machine.anon(name(1), value(2))],
  file: [3, 3, ({ machine, name, value }) => machine.file(name(1), value(2))],
  mapfile: [4, 4, ({ machine, name, value }) => machine.mapFile(name(1), name(2), value(3))],
  write: [4, 4, ({ machine, name, value }) => machine.touch(name(1), value(2), value(3), true)],
  read: [4, 4, ({ machine, name, value }) => machine.touch(name(1), value(2), value(3), false)],
  pread: [4, 4, ({ machine, name, value }) => machine.readFile(name(1), value(2), value(3))],
  kmalloc: [3, 3, ({ machine, value }) => machine.kmalloc(value(1), value(2))],
  slab: [4, 4, ({ machine, name, value }) => machine.slab(name(1), value(2), value(3))],
  extents: [3, 3, ({ machine, value }) => machine.extents(value(1), value(2))],
  recall: [5, 5, ({ machine, name, value }) => machine.recall(name(1), value(2), value(3), value(4))],
  hugeanon: [4, 4, ({ machine, name, value }) => machine.hugeAnon(name(1), value(2), value(3))],
  unmap: [4, 4, ({ machine, name, value }) => machine.calls.unmap(name(1), value(2), value(3))],
  madvise: [3, 5, advise],
  mprotect: [
    5,
    5,
    ({ machine, name, word, value }) => machine.calls.protect(name(1), value(2), value(3), word(4)!),
  ],
  mremap: [
    6,
    6,
    ({ machine, name, value }) => machine.calls.move(name(1), value(2), value(3), name(4), value(5)),
  ],
  fork: [2, 2, ({ machine, name }) => machine.calls.fork(name(1))],
  switch: [2, 2, ({ machine, name }) => machine.calls.switchTo(name(1))],
  sleep: [2, 2, ({ machine, value }) => machine.calls.sleep(value(1))],
  wait: [
    2,
    3,
    ({ machine, value, word }) => machine.calls.waitFor(value(1), word(2) === undefined ? 0 : value(2)),
  ],
  compactall: [1, 1, ({ machine }) => machine.calls.compactAll()],
  step: [2, 2, ({ machine, value }) => machine.calls.step(value(1))],
  dread: [2, 2, ({ machine, value }) => machine.calls.disk.direct(value(1))],
  bread: [3, 3, ({ machine, value }) => machine.calls.disk.buffered(value(1), value(2))],
  mark: [2, 2, ({ machine, name }) => machine.mark(name(1))],
};
/** Of a whole mapping where no pages are named. */
function advise({ machine, name, word, value }: Arguments): void {
  const pages = word(4) === undefined ? undefined : ([value(3), value(4)] as const);
  machine.calls.advise(name(1), word(2)!, pages);
}

const BLOCKS = ['repeat', 'each', 'if', 'forever'];
const DEFAULT = 'default';

/** @param name of the file, for messages */
export function parseScript(text: string, name: string): Script {
  const lines = text
    .split('\n')
    .map((line, i) => ({ line: i + 1, words: line.replace(/#.*/, '').trim().split(/\s+/), body: [] }))
    .filter(({ words }) => words[0] !== '');
  const [first, ...rest] = lines;
  if (first?.words[0] !== 'begin' || first.words.length !== 2)
    throw new UsageError(`${name}: found '${first?.words.join(' ') ?? ''}', expected 'begin MARK' first`);
  const { statements, left } = block(rest, name, 0);
  if (left.length > 0) throw new UsageError(`${name}, line ${left[0]!.line}: found 'end' of nothing`);
  return { name, begin: first.words[1]!, statements };
}

function block(
  lines: readonly Statement[],
  name: string,
  depth: number,
): { statements: Statement[]; left: readonly Statement[] } {
  const statements: Statement[] = [];
  let left = lines;
  while (left.length > 0) {
    const [here, ...others] = left;
    const { line, words } = here!;
    const [verb] = words;
    if (verb === 'end') return { statements, left: depth > 0 ? others : left };
    if (BLOCKS.includes(verb!)) {
      const inner = block(others, name, depth + 1);
      statements.push({ line, words, body: inner.statements });
      left = inner.left;
      continue;
    }
    const [least, most] = verb === DEFAULT ? [3, 3] : (VERBS[verb!] ?? [0, -1]);
    if (words.length < least || words.length > most)
      throw new UsageError(
        `${name}, line ${line}: found '${words.join(' ')}', expected one of ${[DEFAULT, ...Object.keys(VERBS), ...BLOCKS].join(', ')} with its arguments`,
      );
    statements.push(here!);
    left = others;
  }
  if (depth > 0) throw new UsageError(`${name}: found the end of the script, expected 'end' first`);
  return { statements, left };
}

/** Numbers and lists that a capture says. */
export interface Given {
  readonly numbers: ReadonlyMap<string, number>;
  readonly lists: ReadonlyMap<string, string>;
}

export function runScript(script: Script, given: Given, machine: ScriptMachine): void {
  new Run(script, given, machine).all(script.statements);
}

class Run {
  private readonly script: Script;
  private readonly machine: ScriptMachine;
  private readonly numbers: Map<string, number>;
  private readonly lists: Map<string, string>;
  /** Of each statement, by the word: what is repeated is read once. */
  private readonly expressions = new Map<Statement, Expression[]>();

  constructor(script: Script, { numbers, lists }: Given, machine: ScriptMachine) {
    this.script = script;
    this.machine = machine;
    this.numbers = new Map(numbers);
    this.lists = new Map(lists);
  }

  all(statements: readonly Statement[]): void {
    for (const statement of statements) this.one(statement);
  }

  private one(statement: Statement): void {
    const { words, body } = statement;
    const { machine } = this;
    const value = (at: number): number => this.expression(statement, at)(this.numbers);
    const verb = words[0]!;
    const act = VERBS[verb]?.[2];
    if (act !== undefined)
      act({ machine, value, name: (at) => this.named(words[at]!), word: (at) => words[at] });
    else if (verb === DEFAULT) this.setDefault(words[1]!, words[2]!);
    else if (verb === 'repeat') this.repeat(value(1), words[3], body);
    else if (verb === 'each') this.each(statement);
    else if (verb === 'if') {
      if (value(1) !== 0) this.all(body);
    } else while (machine.isAlive()) this.all(body);
  }

  private expression(statement: Statement, at: number): Expression {
    let known = this.expressions.get(statement);
    if (known === undefined) {
      known = [];
      this.expressions.set(statement, known);
    }
    known[at] ??= readExpression(statement.words[at] ?? '', this.placeOf(statement));
    return known[at];
  }

  private placeOf({ line }: Statement): string {
    return `${this.script.name}, line ${line}`;
  }

  private named(text: string): string {
    if (!text.includes('{')) return text;
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(this.numbers.get(name) ?? `{${name}}`));
  }

  private setDefault(name: string, text: string): void {
    if (/^-?\d+$/.test(text)) {
      if (!this.numbers.has(name)) this.numbers.set(name, Number(text));
    } else if (!this.lists.has(name)) this.lists.set(name, text);
  }

  private repeat(count: number, index: string | undefined, body: readonly Statement[]): void {
    for (let i = 0; i < count; i++) {
      if (index !== undefined) this.numbers.set(index, i);
      this.all(body);
    }
  }

  /** `each holders as mb adj n`: parts of each item, then its number. */
  private each(statement: Statement): void {
    const { words, body } = statement;
    const list = this.lists.get(words[1]!);
    if (list === undefined)
      throw new UsageError(`${this.placeOf(statement)}: of the list '${words[1]}' the capture says nothing`);
    const names = words.slice(3);
    const index = names.pop();
    list.split(',').forEach((item, i) => {
      const parts = item.split(':').map(Number);
      names.forEach((name, at) => {
        this.numbers.set(name, parts[at] ?? 0);
      });
      if (index !== undefined) this.numbers.set(index, i);
      this.all(body);
    });
  }
}
