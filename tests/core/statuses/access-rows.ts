/** What becomes of loads, stores and instruction fetches. */
import { EXECUTE, KERNEL_MODE, MODIFY, WRITE } from '../../../core/event/access-mode.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import { access, HIGH, kmalloc, mmap, PAGE, pages, RUNNING, RW } from '../../support/rows.ts';
import type { StatusRow } from '../../support/status-rows.ts';
import { nx } from './machines.ts';

export const ACCESS_ROWS: readonly StatusRow[] = [
  ['access to nothing', access(1, 0, 1), 'no-object', { given: RUNNING }],
  ['first byte', access(1, 0, 1), 'ok', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['last byte', access(1, PAGE - 1, 1), 'ok', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['a byte beyond', access(1, PAGE, 1), 'no-mapping', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['nothing beyond', access(1, PAGE, 0), 'no-mapping', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['across the end', access(1, PAGE - 1, 2), 'no-mapping', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['across a page', access(1, PAGE - 1, 2), 'ok', { given: [...RUNNING, mmap(1, 2 * PAGE)] }],
  ['a whole page', access(1, 1, PAGE), 'ok', { given: [...RUNNING, mmap(1, 2 * PAGE)] }],
  ['more than a page', access(1, 0, PAGE + 1), 'too-large', { given: [...RUNNING, mmap(1, 2 * PAGE)] }],
  ['the rest of the last page', access(1, 4095, 1), 'ok', { given: [...RUNNING, mmap(1, 100)] }],
  ['access by none', { ...access(1, 0, 1), cpu: 1 }, 'no-process', { given: [...RUNNING, mmap(1, PAGE)] }],
  [
    'access to what another maps',
    access(1, 0, 1),
    'no-mapping',
    { given: [...RUNNING, mmap(1, PAGE), { kind: 'spawn', pid: 2 }, { kind: 'switch', pid: 2 }] },
  ],
  [
    'store to read-only',
    access(1, 0, 1, WRITE),
    'protection',
    { given: [...RUNNING, mmap(1, PAGE, PROT_READ)] },
  ],
  [
    'modify read-only',
    access(1, 0, 1, MODIFY),
    'protection',
    { given: [...RUNNING, mmap(1, PAGE, PROT_READ)] },
  ],
  [
    'load from write-only: x86 cannot forbid it',
    access(1, 0, 1),
    'ok',
    { given: [...RUNNING, mmap(1, PAGE, PROT_WRITE)] },
  ],
  [
    'run data, without execute-disable',
    access(1, 0, 1, EXECUTE),
    'ok',
    { given: [...RUNNING, mmap(1, PAGE, RW)] },
  ],
  [
    'run data, with it',
    access(1, 0, 1, EXECUTE),
    'protection',
    { on: nx, given: [...RUNNING, mmap(1, PAGE, RW)] },
  ],
  [
    'run text, with it',
    access(1, 0, 1, EXECUTE),
    'ok',
    { on: nx, given: [...RUNNING, mmap(1, PAGE, PROT_EXEC)] },
  ],
  ['no access at all', access(1, 0, 1), 'protection', { given: [...RUNNING, mmap(1, PAGE, 0)] }],
  ['user mode at kernel memory', access(1, 0, 8), 'privilege', { given: [kmalloc(1, 64)] }],
  ['a trap into the kernel', access(1, 0, 8, KERNEL_MODE), 'ok', { given: [kmalloc(1, 64)] }],
  ['kernel mode at user memory', access(1, 0, 8, KERNEL_MODE), 'ok', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['last byte of kmalloc', access(1, 63, 1, KERNEL_MODE), 'ok', { given: [kmalloc(1, 64)] }],
  ['a byte beyond kmalloc', access(1, 64, 1, KERNEL_MODE), 'no-mapping', { given: [kmalloc(1, 64)] }],
  ['the slack that a size class leaves', access(1, 95, 1, KERNEL_MODE), 'ok', { given: [kmalloc(1, 65)] }],
  ['nothing beyond kmalloc', access(1, 64, 0, KERNEL_MODE), 'no-mapping', { given: [kmalloc(1, 64)] }],
  [
    'run kernel data, with execute-disable',
    access(1, 0, 1, EXECUTE | KERNEL_MODE),
    'protection',
    { on: nx, given: [kmalloc(1, 64)] },
  ],
  ['run kernel data, without', access(1, 0, 1, EXECUTE | KERNEL_MODE), 'ok', { given: [kmalloc(1, 64)] }],
  ['a high page', access(1, 0, 1, KERNEL_MODE), 'high-page', { given: [pages(1, 0, HIGH)] }],
  ['user mode at a high page', access(1, 0, 1), 'privilege', { given: [pages(1, 0, HIGH)] }],
];
