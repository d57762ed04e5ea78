/**
 * Imports samples of accesses with their data address: perf script of page faults, of perf mem and of anything recorded
 * with -d; perf mem report -D; and the tracepoints page_fault_user and page_fault_kernel, from perf script and tracefs.
 *
 *   ls 17336 [000]  1070.976255:          1 page-faults:      7f651666aa10 ...
 *   ls 17336/17336 [000]  1070.976255:   30 cpu/mem-loads,ldlat=30/P:   7ffd1234 |OP LOAD|LVL L1 hit|...
 *   2054 2054 0xffffffff811186bf 0x016ffffe8fbffc804b0 49 0x68100842 /usr/bin/ls:main
 *   cat-13235   [000] d....  1029.269364: page_fault_user: address=0x7f65 ip=0x55 error_code=0x6
 *
 * (perf_sample__fprintf_start and process_event of tools/perf/builtin-script.c; dump_raw_samples of builtin-mem.c;
 * arch/x86/include/asm/trace/exceptions.h.) Loads and stores are told by the event, its data source or the error code;
 * where nothing tells, a sample is taken as a read. A reference of 1 byte stands for each sample. A process is the pid
 * where it is said, else the thread.
 *
 * What samples cannot say: all that was done between two of them, mappings, and sizes.
 */
import { EXECUTE, KERNEL_MODE, READ, WRITE } from '../../core/event/access-mode.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import { isCallLine } from './fault-lines.ts';
import type { Importer } from './importer.ts';
import { importSamples, type SampleFormat, type SampleLine } from './sample-import.ts';

const NAME = 'perf-samples';
/** Where the head of a line ends, whatever the options. */
const HEAD = 200;

/** An event and what follows: `page-faults:u:  7f651666aa10 `, `cpu/mem-loads,ldlat=30/P: 7ffd1234 `. */
const EVENT =
  /(?:^|\s)((?:[a-zA-Z][\w.-]{0,60}\/[^/\s]{0,120}\/\w{0,8}|[a-zA-Z][\w.-]{1,60})(?::[a-zA-Z]{1,8})?):\s{1,24}(?:0x)?([0-9a-f]{1,16})(?=\s|$)/;
const FAULT =
  /\bpage_fault_(user|kernel):\s{1,24}address=(0x[0-9a-f]{1,16}|\S{1,128}) ip=(\S{1,128}) error_code=0x([0-9a-f]{1,8})/;
const RAW =
  /^\s{0,16}(\d{1,10})\s{1,16}(\d{1,10})\s{1,16}0x([0-9a-f]{1,16})\s{1,16}0x([0-9a-f]{1,19})\s{1,16}\d{1,10}\s{1,16}0x([0-9a-f]{1,16})/;

const TIME = /(\d{1,12})\.(\d{6,9}):\s{0,16}(?:\d{1,20}\s{0,16})?$/;
const CPU = /\[(\d{1,4})\]/g;
const PID = /(?:^|[\s-])(\d{1,10})(?:\/\d{1,10})?\s{0,16}$/;
const FLAGS_AND_LESS = /\s{1,16}\S{0,8}$/;

const IS_LOAD = /load|read|\bOP LOAD/i;
const IS_STORE = /store|write|\bOP STORE/i;
const IS_FETCH = /\bOP EXEC|icache|iTLB/i;
/** PERF_MEM_OP_*, include/uapi/linux/perf_event.h. */
const OP_STORE = 0x04;
const OP_EXEC = 0x10;
/** X86_PF_WRITE and X86_PF_INSTR, arch/x86/include/asm/trap_pf.h. */
const PF_WRITE = 2;
const PF_INSTR = 16;
/** Upper half of an address of a 64-bit kernel, as a signed number below this. */
const KERNEL_HALF = 0xffff_0000;

const TAKEN_AS_READ = 'sample that says neither load nor store: taken as a read';

/** An address in two halves of 32 bits. */
type Halves = readonly [high: number, low: number];

function halvesOf(hex: string): Halves {
  const digits = hex.replace(/^0x/, '').padStart(16, '0');
  return [Number.parseInt(digits.slice(-16, -8), 16) | 0, Number.parseInt(digits.slice(-8), 16) | 0];
}

class PerfSamples implements SampleFormat {
  readonly name = NAME;
  readonly example = 'ls 17336 [000]  1070.976255:  1 page-faults:  7f651666aa10';
  readonly remedy =
    'Record addresses with perf record -d or perf mem record, and print them with perf script -F +addr';

  read(text: string, line: SampleLine): string | undefined {
    const fault = FAULT.exec(text);
    if (fault !== null) return this.fault(text, fault, line);
    const raw = RAW.exec(text);
    if (raw !== null) return this.raw(raw, line);
    const found = text.startsWith('\t') ? null : EVENT.exec(text);
    if (found === null) return ruleOf(text);
    const [all, event, address] = found;
    const rest = text.slice(found.index + all.length);
    if (!isDataAddress(rest)) return 'sample without an address';
    line.at(momentOf(text.slice(0, Math.min(HEAD, found.index))));
    const operation = operationOf(`${event} ${rest}`, address!, rest);
    if (operation === undefined) line.change(TAKEN_AS_READ);
    line.touchHalves(operation ?? READ, ...halvesOf(address!));
    return undefined;
  }

  /** page_fault_user and page_fault_kernel say what kind of access it was. */
  private fault(text: string, found: RegExpExecArray, line: SampleLine): string | undefined {
    const [, mode, address, , code] = found;
    const halves = address!.startsWith('0x') ? halvesOf(address!) : undefined;
    if (halves === undefined || halves[0] >>> 0 >= KERNEL_HALF)
      return 'page fault of the kernel in its own half';
    line.at(momentOf(withoutName(text.slice(0, Math.min(HEAD, found.index)))));
    const bits = Number.parseInt(code!, 16);
    const operation = bits & PF_INSTR ? EXECUTE : bits & PF_WRITE ? WRITE : READ;
    line.touchHalves(operation | (mode === 'kernel' ? KERNEL_MODE : 0), ...halves);
    return undefined;
  }

  /** PID, TID, IP, ADDR, LOCAL WEIGHT, DSRC. */
  private raw([, pid, , , address, source]: RegExpExecArray, line: SampleLine): undefined {
    const bits = Number.parseInt(source!.slice(-2), 16);
    line.at({ process: Number(pid) });
    line.touchHalves(
      bits & OP_EXEC ? EXECUTE : bits & OP_STORE ? WRITE : READ,
      ...halvesOf(address!.slice(-16)),
    );
  }
}

/** perf's `exceptions:` before the name. */
function withoutName(head: string): string {
  return head.replace(/\w{1,32}:$/, '');
}

/** What follows an address is nothing, the address of an instruction, or a data source; a symbol follows an instruction. */
function isDataAddress(rest: string): boolean {
  const word = /^\s{0,24}(\S{0,64})/.exec(rest)![1]!;
  if (word === '' || /^(?:0x)?[0-9a-f]{6,16}$/.test(word) || /^[0-9a-f]{1,16}\|/.test(word)) return true;
  if (word.startsWith('|')) return true;
  // the symbol of the address, and the instruction behind it
  return /\)\s{1,24}(?:0x)?[0-9a-f]{6,16} \S/.test(rest);
}

function operationOf(words: string, address: string, rest: string): number | undefined {
  if (IS_FETCH.test(words)) return EXECUTE;
  const source = /\|?OP (LOAD|STORE|EXEC)/.exec(words)?.[1];
  if (source !== undefined) return source === 'LOAD' ? READ : source === 'STORE' ? WRITE : EXECUTE;
  const event = words.slice(0, words.indexOf(' '));
  if (IS_STORE.test(event)) return WRITE;
  if (IS_LOAD.test(event)) return READ;
  const instruction = /(?:^|\s)(?:0x)?([0-9a-f]{1,16})(?=\s|$)/.exec(rest)?.[1];
  return instruction !== undefined && instruction.padStart(16, '0') === address.padStart(16, '0')
    ? EXECUTE
    : undefined;
}

/** A number at the end, if it is not the only one: that is the task. */
function withoutPeriod(head: string): string {
  const rest = head.replace(/\s\d{1,20}\s{0,16}$/, '');
  return /\d/.test(rest) ? rest : head;
}

function momentOf(head: string) {
  const time = TIME.exec(head);
  const before = time === null ? withoutPeriod(head) : head.slice(0, time.index);
  const cpu = [...before.matchAll(CPU)].at(-1);
  const task =
    cpu === undefined
      ? before.replace(FLAGS_AND_LESS, (end) => (/\d$/.test(end) ? end : ''))
      : before.slice(0, cpu.index);
  const pid = PID.exec(task.replace(/\([ \d-]{1,12}\)\s{0,4}$/, ''))?.[1];
  return {
    timeNs: time === null ? undefined : Number(time[1]) * 1e9 + Number(time[2]!.padEnd(9, '0')),
    cpu: cpu === undefined ? undefined : Number(cpu[1]),
    process: pid === undefined ? undefined : Number(pid),
  };
}

function ruleOf(text: string): string {
  if (/^\t\s{0,24}[0-9a-f]{1,16} |^\s{8,24}[0-9a-f]{8,16} /.test(text)) return 'call chain';
  if (text.startsWith('#')) return 'banner';
  return /: \S{0,64}:\S/.test(text) || /\d: {1,8}\w{1,64}: /.test(text)
    ? 'event without an address'
    : UNRECOGNISED.other;
}

export const perfSamples: Importer = {
  name: NAME,
  describe: 'perf script of page faults, perf mem and samples with addresses; page_fault_user of tracefs',
  grammar: [
    'ls 17336 [000]  1070.976255:  1 page-faults:  7f651666aa10     an address behind the event',
    'ls 17336 [000]  1070.976255: 30 cpu/mem-loads,ldlat=30/P: 7ffd1234 |OP LOAD|...',
    'cat-13235 [000] d....  1029.269364: page_fault_user: address=0x7f65 ip=0x55 error_code=0x6',
    'samples only: what was done between them is not said',
  ],
  sniff(head) {
    const evidence = evidenceOf(head, {
      what: 'samples with an address such as "page-faults:  7f651666aa10"',
      isOwn: (line) => FAULT.test(line) || RAW.test(line) || isSample(line),
      isShared: (line) => line.startsWith('#') || line.startsWith('\t'),
      isAgainst: (line) =>
        isCallLine(line) ||
        /\b(?:kmem|vmalloc):\w|\b(?:mm_page_alloc|mm_page_free|kmalloc|kfree|kmem_cache_alloc): /.test(line),
    });
    // page faults among the calls that map are all of a program's, not samples of them
    return head.lines.some(isCallLine) ? { ...evidence, score: evidence.score * AMONG_CALLS } : evidence;
  },
  import: (input, output) => importSamples(input, output, new PerfSamples()),
};

function isSample(line: string): boolean {
  const found = EVENT.exec(line);
  return found !== null && isDataAddress(line.slice(found.index + found[0].length)) && TIME_OR_CPU.test(line);
}

/** What is left of the score where somebody else's lines stand among samples. */
const AMONG_CALLS = 0.1;
const TIME_OR_CPU = /\d\.\d{6,9}: |\[\d{1,4}\] /;
