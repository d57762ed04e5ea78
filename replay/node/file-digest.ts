/** What is in a file, in 64 hexadecimal digits. */
import { createHash } from 'node:crypto';
import { openInput } from '../../traces/node/index.ts';

/** SHA-256 of the bytes as they are, packed or not. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  const { blocks } = await openInput(path);
  for await (const block of blocks) hash.update(block);
  return hash.digest('hex');
}
