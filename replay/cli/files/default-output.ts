/** Names of outputs that nobody has chosen: they never replace what was made from something else. */
import { open, stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../../core/index.ts';
import { openTrace, type Trace } from '../../../traces/index.ts';
import { fileSource, openInput } from '../../../traces/node/index.ts';
import { digesting } from '../../brought/index.ts';
import { PAGE_START } from '../../page/html/page-html.ts';

/** Throws unless nothing, or an import of the very same bytes, has the name. */
export async function refuseOtherImport(input: string, output: string): Promise<void> {
  await refuseUnless(output, input, async ({ notes }) => {
    const status = await stat(input);
    if (!status.isFile()) return false;
    const { blocks, digest } = digesting((await openInput(input)).blocks);
    for await (const _ of blocks);
    return isDeepStrictEqual(notes.input, digest());
  });
}

/** Throws unless nothing, or a recording of the same workload, has the name. */
export function refuseOtherRecording(workload: string, output: string): Promise<void> {
  return refuseUnless(output, workload, ({ header }) => header.parameters.workload === workload);
}

/** Throws unless nothing, or a page of ours, has the name. */
export async function refuseOtherPage(output: string): Promise<void> {
  const file = await open(output).catch(() => undefined);
  if (file === undefined) return;
  try {
    if (!(await file.stat()).isFile()) return;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PAGE_START.length), 0, PAGE_START.length, 0);
    if (buffer.toString('latin1', 0, bytesRead) === PAGE_START) return;
  } finally {
    await file.close();
  }
  throw new UsageError(
    `${output}: is there already, and is no page of vmsplit; expected a free name. ` +
      `Choose another one with -o, or replace it with -o ${output}`,
  );
}

async function refuseUnless(
  output: string,
  made: string,
  isSame: (existing: Trace) => boolean | Promise<boolean>,
): Promise<void> {
  const status = await stat(output).catch(() => undefined);
  if (!status?.isFile()) return;
  const source = await fileSource(output);
  try {
    if (await isSame(await openTrace(source))) return;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error; // no trace at all
  } finally {
    await source.close();
  }
  throw new UsageError(
    `${output}: is there already, and was not made from ${made}; expected a free name. ` +
      `Choose another one with -o, or replace it with -o ${output}`,
  );
}
