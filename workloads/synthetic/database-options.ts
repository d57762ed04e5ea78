/** What can be set of the database: defaults of PostgreSQL 15 where it has any. */
import type { OptionTable, OptionValues } from '../engine/options.ts';
import { GIB, KIB, MIB } from '../engine/units.ts';

export const DATABASE_OPTIONS = {
  backends: {
    default: 16,
    unit: 'processes',
    min: 1,
    max: 512,
    doc: 'connections at a time, a process each (assumed)',
  },
  transactions: {
    default: 500,
    unit: 'transactions',
    min: 1,
    max: 1e9,
    doc: 'mean length of a connection; exponential (assumed)',
  },
  bufferBytes: {
    default: 128 * MIB,
    unit: 'bytes',
    min: MIB,
    max: 3 * GIB,
    doc: 'buffer pool in shared memory (default of shared_buffers)',
  },
  tableBytes: {
    default: 512 * MIB,
    unit: 'bytes',
    min: MIB,
    max: 3 * GIB,
    doc: 'table on disk (assumed)',
  },
  theta: {
    default: 0.99,
    unit: '',
    min: 0,
    max: 2,
    doc:
      'Zipf exponent of the popularity of table pages, scattered over the table (YCSB, Cooper et al. ' +
      '2010: 0.99; after Gray et al. 1994)',
  },
  updatePercent: {
    default: 20,
    unit: '%',
    min: 0,
    max: 100,
    doc: 'share of statements that write (assumed; YCSB has workloads of 50 % and of 5 %)',
  },
  statements: {
    default: 5,
    unit: 'statements',
    min: 1,
    max: 1000,
    doc: 'statements of a transaction (assumed)',
  },
  sortBytes: {
    default: 4 * MIB,
    unit: 'bytes',
    min: 64 * KIB,
    max: 1024 * MIB,
    doc: 'largest sort, in the heap (default of work_mem); sizes are log-uniform from 64 KiB (assumed)',
  },
  computeNs: {
    default: 10_000,
    unit: 'ns',
    min: 0,
    max: 1e9,
    doc: 'mean computing time of a statement; exponential (assumed)',
  },
  clientNs: {
    default: 2_000_000,
    unit: 'ns',
    min: 0,
    max: 1e9,
    doc: 'mean time that a client thinks between transactions; exponential (assumed)',
  },
} as const satisfies OptionTable;

export type DatabaseOptions = OptionValues<typeof DATABASE_OPTIONS>;
