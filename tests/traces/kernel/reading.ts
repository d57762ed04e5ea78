/** Lines of kernel traces as records, and pieces that such lines are made of. */
import { type KernelRecord, readKernelRecords } from '../../../traces/index.ts';
import type { RecordSlot } from '../../../traces/kernel/record.ts';
import { inBlocks } from '../support.ts';

export const HEAD = '            bash-24475   [000] .....  1264.666734: ';
export const PERF = '            conf 17336 [001]  1070.976255:   kmem:';
export const PAGE = 'page=00000000e50330ae pfn=0x23d424 order=3';
export const SLAB = 'call_site=__alloc_file+0x3c/0x110 ptr=';

/** The records of some lines, each a copy. */
export async function read(text: string, blockBytes = 1 << 20): Promise<KernelRecord[]> {
  const records: KernelRecord[] = [];
  const copy = (record: KernelRecord): void => void records.push(copyOf(record));
  await readKernelRecords({ name: 'some.txt', blocks: inBlocks(Buffer.from(text), blockBytes) }, copy);
  return records;
}

function copyOf(record: KernelRecord): KernelRecord {
  const { comm, text } = record as unknown as RecordSlot;
  return { ...record, comm, text } as unknown as KernelRecord;
}

export const readLine = async (line: string): Promise<KernelRecord> =>
  (await read(`${HEAD}x: y\n${line}\n`))[1]!;
