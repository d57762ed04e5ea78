/** The page as it was built, beside the program. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UsageError } from '../../core/index.ts';

/** Found by the package's own name, wherever in it the compiled files lie. */
const PAGE = join(dirname(createRequire(import.meta.url).resolve('vmsplit/package.json')), 'dist/page.html');

/** The page without a run. */
export async function pageFile(): Promise<string> {
  return readFile(PAGE, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${PAGE}: found no page there, expected it to be built: npm run build`, {
      cause: error,
    });
  });
}
