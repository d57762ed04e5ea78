/** The texts that a page has, for a run that names them. */
import { UsageError } from '../../../core/base/errors.ts';
import type { RunFiles } from '../../spec/index.ts';
import type { PageRun } from './protocol.ts';

export function filesOf({ files }: Pick<PageRun, 'files'>): Pick<RunFiles, 'text'> {
  return {
    async text(path, expected) {
      const text = files[path];
      if (text !== undefined) return text;
      throw new UsageError(
        `${path}: found no such file in this page, expected ${expected}: drop it on the page`,
      );
    },
  };
}
