/** What processes share and what they do not: the kernel half, protected from them; their own halves; libraries. */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { IMAGES } from '../engine/program.ts';
import { KIB, MIB } from '../engine/units.ts';
import { defineExample, failing, scene } from './example.ts';
import {
  kernelRead,
  kernelWrite,
  kmalloc,
  mmap,
  runs,
  spawn,
  userExecute,
  userRead,
  userWrite,
} from './facts.ts';
import { LINUX_ADDRESSING, OSTEP_LINUX } from './sources.ts';

const DATA = PROT_READ | PROT_WRITE;
const TEXT = PROT_READ | PROT_EXEC;
const PAGE = 4 * KIB;

export const userTouchesKernel = defineExample({
  name: 'user-touches-kernel',
  title: 'a program may not touch a kernel page; the kernel, after a trap, may',
  doc:
    'Kernel pages are mapped in every process, but only privileged mode may use them. A program gets at such ' +
    'memory by a system call alone, and then it is the kernel that touches it.',
  source: OSTEP_LINUX,
  layout: '3g1g',
  ramBytes: 512 * MIB,
  scenes: [
    scene('data of the kernel', kmalloc(1, 64), kernelWrite(1)),
    scene('a process runs, with a page of its own', spawn(1), runs(1), mmap(2, PAGE, DATA), userWrite(2)),
    failing('privilege', 'the program reads and writes the data of the kernel', userRead(1), userWrite(1)),
    scene('a system call: the kernel does it for the program', kernelRead(1), kernelWrite(1)),
    scene(
      'in kernel mode the page of the program is in reach too: so results get there (copy_to_user)',
      kernelWrite(2),
    ),
  ],
});

export const contextSwitch = defineExample({
  name: 'context-switch',
  title: 'a context switch changes the user half; the kernel half stays',
  doc:
    'Two processes use the same user virtual address for different pages. A switch loads the page tables of the ' +
    'other process, so user translations start anew, while those of the kernel are global and stay in the TLB.',
  source: OSTEP_LINUX,
  layout: '3g1g',
  ramBytes: 512 * MIB,
  scenes: [
    scene('data of the kernel', kmalloc(1, 64)),
    scene('process 1 has a page', spawn(1), runs(1), mmap(2, PAGE, DATA), userWrite(2)),
    scene(
      'process 2 has one at the same address, in another frame, and one more below it',
      spawn(2),
      runs(2),
      mmap(3, PAGE, DATA),
      userWrite(3),
      mmap(4, PAGE, DATA),
      userWrite(4),
    ),
    scene(
      'after these two both halves are in the TLB: the data of the kernel and the page of process 2',
      kernelRead(1),
      userRead(3),
    ),
    scene('back to process 1: the other half of the page tables', runs(1)),
    scene('the data of the kernel: the TLB still has it', kernelRead(1)),
    scene(
      'the address that both have: a walk, and it leads to the frame of process 1; that of process 2 is out of reach',
      userRead(2),
    ),
    failing(
      'no-mapping',
      'the address that only process 2 has: here nothing is mapped at it, whoever else has a page there',
      userRead(4),
    ),
  ],
});

const { textBytes, dataBytes } = IMAGES.libc;
const [LIBC_TEXT, LIBC_DATA] = [1, 2];

export const libcShared = defineExample({
  name: 'libc-shared',
  title: 'libc in two processes: mapped twice, one set of frames',
  doc:
    'Each process has to have libc in its own address space, but the frames exist once, in the page cache: the ' +
    'second process finds what the first one read. A page of data stays shared until a process writes to it.',
  source: LINUX_ADDRESSING,
  layout: '3g1g',
  ramBytes: 512 * MIB,
  scenes: [
    scene(
      'text and data of libc on disk',
      { kind: 'file', file: LIBC_TEXT, length: textBytes },
      { kind: 'file', file: LIBC_DATA, length: dataBytes },
    ),
    scene(
      'process 1 maps them, and the first use reads them from disk',
      spawn(1),
      runs(1),
      mmap(1, textBytes, TEXT, LIBC_TEXT),
      mmap(2, dataBytes, DATA, LIBC_DATA),
      userExecute(1),
      userRead(2),
    ),
    scene(
      'process 2 maps them too, and finds the frames in memory',
      spawn(2),
      runs(2),
      mmap(3, textBytes, TEXT, LIBC_TEXT),
      mmap(4, dataBytes, DATA, LIBC_DATA),
      userExecute(3),
      userRead(4),
    ),
    scene('it writes to a page of data: now it has a copy of its own, in another frame', userWrite(4)),
    failing(
      'protection',
      'text is for all, in the frame that process 1 read: nobody may write to it',
      userWrite(3),
    ),
  ],
});
