/** Lines of a tracefs trace that tell page faults, system calls and tasks; also as perf script and trace-cmd print them. */
import type { Argument } from '../strace/arguments.ts';
import type { SystemCall } from '../strace/call.ts';

export interface FaultLine {
  readonly pid: number;
  readonly timeNs: number;
  /** Of the tracepoint, less its subsystem. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, string>;
  /** A system call that begins or returns. */
  readonly call: SystemCall | undefined;
  readonly isReturn: boolean;
}

const HEAD =
  /^\s*(.{1,40}?)[- ](\d+)\s+(?:\(\s*[-\d]+\)\s*)?\[(\d+)\]\s+(?:\S+\s+)?(\d+)\.(\d+):\s+(?:[a-z_]+:)?([a-z_0-9]+)(.*)$/;
const FAULT = /\bpage_fault_(?:user|kernel): address=0x[0-9a-f]+ /;
const CALL =
  /: (?:syscalls:)?sys_(?:enter_|exit_)?(?:mmap|munmap|brk|mprotect|mremap|madvise|mlock|munlock|clone3?|v?fork|tgkill|exit_group)(?:\(|: | -> )/;
const FIELD = /(\w+)=(\S+)/g;
const ARGUMENT = /(?:^|, )(\w+): ([^,]*)/g;
/** ENOMEM and others: results from -4095 to -1 (IS_ERR_VALUE), of 64 or 32 bits. */
const ERROR = /^0xf{5,13}([0-9a-f]{3})$/;
const ENOMEM = 12;

export function isFaultLine(line: string): boolean {
  return FAULT.test(line);
}

export function isCallLine(line: string): boolean {
  return CALL.test(line);
}

/** Undefined for what is no tracepoint with a task and a time. */
export function faultLine(text: string): FaultLine | undefined {
  const [, , pid, , seconds, fraction, name, rest] = HEAD.exec(text) ?? [];
  if (name === undefined) return undefined;
  const timeNs = Number(seconds) * 1e9 + Number(fraction!.padEnd(9, '0'));
  const line = { pid: Number(pid), timeNs, name };
  const call = /^sys_(enter_|exit_)?(.+)$/.exec(name);
  if (call === null) return { ...line, fields: fieldsOf(rest!), call: undefined, isReturn: false };
  return { ...line, fields: new Map(), ...callOf(call[2]!, call[1], rest!) };
}

function fieldsOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(FIELD)].map(([, key, value]) => [key!, value!]));
}

/** `(addr: 0, len: 0x2000)`, ` -> 0x7ffff7fc0000`, `: addr: 0x0, len: 0x2000`, `: 0x7ffff7fc0000`. */
function callOf(name: string, half: string | undefined, rest: string): Pick<FaultLine, 'call' | 'isReturn'> {
  const result = /^(?: ->|:) (0x[0-9a-f]+|-?\d+)$/.exec(rest);
  if (result !== null && half !== 'enter_')
    return { call: { name, args: [], ...resultOf(result[1]!) }, isReturn: true };
  const list = rest.replace(/^(?:\(|: )/, '').replace(/\)$/, '');
  const args = [...list.matchAll(ARGUMENT)].map(([, key, value]): Argument => argument(key!, value!));
  return { call: { name, args, result: undefined, error: undefined }, isReturn: false };
}

/** All but the descriptor in hex or decimal; a descriptor of 32 bits that is -1 stays so. */
function argument(name: string, text: string): Argument {
  return { name, text: text.trim(), comment: undefined };
}

function resultOf(text: string): Pick<SystemCall, 'result' | 'error'> {
  const digits = ERROR.exec(text)?.[1];
  if (digits === undefined) return { result: Number(text), error: undefined };
  const errno = 0x1000 - Number.parseInt(digits, 16);
  return { result: undefined, error: errno === ENOMEM ? 'ENOMEM' : `errno ${errno}` };
}
