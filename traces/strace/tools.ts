/**
 * What tells strace and ltrace apart: both print calls as `NAME(ARGUMENTS) = RESULT`, and library functions and system
 * calls have names in common (fork, read, mmap).
 */

import { SYSTEM_CALLS } from './system-calls.ts';

/**
 * ltrace's own words (output.c, handle_event.c of ltrace 0.7.3): how a process ends, results of functions that have
 * none, `LIB->NAME(`, `NAME@LIB(`, `SYS_NAME(`.
 */
const OF_LTRACE =
  /^(?:\+\+\+ exited \(status \d+\) \+\+\+|--- \w+ \(.*\) ---$|[^\s(]+->\w+\(|\w+@[^\s(]+\(|SYS_\w+\(|.*\)\s*= <void>$|.*<no return \.\.\.>$)/;

/** strace's own words (strace.c, syscall.c, signal.c of strace 6.1); where it prints NULL, ltrace has nil or 0. */
const OF_STRACE =
  /^(?:\+\+\+ (?:exited with \d+|superseded by) |--- \w+ \{.*\} ---$|strace: |\w+\(.*\)\s*= (?:-1 E[A-Z]+\b|\?)|\w+\(.*\b(?:(?:PROT|MAP|CLONE|O|MADV)_[A-Z]+|NULL\b))/;

export function isOfLtrace(body: string): boolean {
  return OF_LTRACE.test(body);
}

export function isOfStrace(body: string): boolean {
  return OF_STRACE.test(body);
}

/** strace calls a system call that it has no name for by its number. */
const NUMBERED = /^(?:syscall_0x[0-9a-f]{1,16}|\?{4}|_exit|sys_\d{1,4})$/;

export function isSystemCallName(name: string): boolean {
  return SYSTEM_CALLS.has(name) || NUMBERED.test(name);
}
