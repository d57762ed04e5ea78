/**
 * System calls in a lackey trace, as valgrind --trace-syscalls=yes prints them (coregrind/m_syswrap/syswrap-main.c, seen
 * with valgrind 3.19):
 *
 *   SYSCALL[12674,1](9) sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x4835000)
 *   SYSCALL[12674,1](137) sys_statfs ( 0x48698a3(/sys/fs/selinux), 0x1fff000b40 )[sync] --> Failure(0x2)
 *   SYSCALL[12674,1](0) sys_read ( 3, 0x1ffefff3c8, 832 ) --> [async] ...
 *   SYSCALL[12674,1](0) ... [async] --> Success(0x340)
 *   SYSCALL[25825,1](56) sys_clone ( ... ) --> [pre-success] Success(0x0)   clone(fork): process 25825 created child 25912
 *
 * Of a fork the return of the child may be on the line, or come later (lackey-runners.ts).
 */
import type { Argument } from '../strace/arguments.ts';
import type { SystemCall } from '../strace/call.ts';

export interface LackeyCall extends SystemCall {
  readonly pid: number;
  /** It has not returned: the line of its return comes later. */
  readonly isPending: boolean;
  /** The process that it made, if that is a process of its own. */
  readonly child: number | undefined;
  /** The child has returned from the fork before it was told of. */
  readonly childIsBack: boolean;
  /** Strings that the kernel read. */
  readonly strings: readonly { readonly address: number; readonly text: string }[];
}

export const A_CALL = /^SYSCALL\[\d+,\d+\]\(/;

const LINE = /^SYSCALL\[(\d+),(\d+)\]\((\d+)\) (.*)$/;
const BODY = /^(?:sys_)?(\w+) ?\((.*)\) ?(?:\[sync\])? ?--> (.*)$/;
const RETURN = /^\.\.\. \[async\] --> (.*)$/;
const RESULT = /(Success|Failure)\(0x([0-9a-f]+)\)/;
const CHILD = /(?:clone\(fork\)|fork): process \d+ created child (\d+)/;
const STRING = /(0x[0-9a-f]+)\(([^)]*)\)/g;
const ENOMEM = 12;

/** Calls of several processes and threads, whose returns may have lines of their own. */
export class LackeyCalls {
  private readonly pending = new Map<string, LackeyCall>();

  /** Undefined for a line of another form, which valgrind has for calls that it does not know. */
  read(line: string): LackeyCall | undefined {
    const [, pid, tid, , body] = LINE.exec(line) ?? [];
    if (pid === undefined) return undefined;
    const key = `${pid},${tid}`;
    const returned = RETURN.exec(body!);
    if (returned !== null) {
      const call = this.pending.get(key);
      this.pending.delete(key);
      return call && { ...call, isPending: false, ...resultOf(returned[1]!) };
    }
    const call = callOf(Number(pid), body!);
    if (call?.isPending) this.pending.set(key, call);
    return call;
  }
}

function callOf(pid: number, body: string): LackeyCall | undefined {
  const child = CHILD.exec(body)?.[1];
  const isOpen = child !== undefined && !body.includes(' --> ');
  const [, name, list, rest] = BODY.exec(isOpen ? `${body.replace(CHILD, '').trimEnd()} --> ` : body) ?? [];
  if (name === undefined) return undefined;
  const strings = [...list!.matchAll(STRING)].map(([, address, text]) => ({
    address: Number(address),
    text: text!,
  }));
  return {
    pid,
    name,
    args: argumentsOf(name, list!),
    isPending: rest!.startsWith('[async]'),
    child: child === undefined ? undefined : Number(child),
    childIsBack: resultOf(rest!).result === 0,
    strings,
    ...resultOf(rest!),
  };
}

/** Words between commas; a number of mmap2 counts pages. */
function argumentsOf(name: string, list: string): Argument[] {
  const words = list.replace(STRING, '$1').split(',');
  return words.map((word, i) => {
    const text = word.trim();
    const isPages = name === 'mmap2' && i === 5;
    return { name: undefined, text: isPages ? String(Number(text) * 4096) : text, comment: undefined };
  });
}

function resultOf(text: string): Pick<SystemCall, 'result' | 'error'> {
  const [, how, digits] = RESULT.exec(text) ?? [];
  if (how === undefined) return { result: undefined, error: undefined };
  const number = Number.parseInt(digits!, 16);
  if (how === 'Success') return { result: number, error: undefined };
  return { result: undefined, error: number === ENOMEM ? 'ENOMEM' : `errno ${number}` };
}
