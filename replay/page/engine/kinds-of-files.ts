/** What dropped files are, by their first bytes: none is read whole for that. */
import {
  gunzipped,
  isTarHead,
  latin1,
  looksLikeTrace,
  type Source,
  TAR_HEAD_BYTES,
} from '../../../traces/index.ts';
import { kindOfText } from '../../advise/index.ts';

/** `trace`: one of ours; `recording`: of another tool; `archive`: a tar, which may hold any of these. */
export type FileKind = 'trace' | 'recording' | 'archive' | 'log' | 'proc' | 'unknown';

const HEAD_BYTES = 0x1_0000;

export async function kindOfFile(file: Source): Promise<FileKind> {
  const packed = await file.read(0, HEAD_BYTES);
  if (await isTarHead(packed.subarray(0, TAR_HEAD_BYTES))) return 'archive';
  const { bytes } = await gunzipped(packed, HEAD_BYTES);
  if (looksLikeTrace(bytes)) return 'trace';
  const kind = kindOfText(latin1(bytes));
  return kind === 'trace' ? 'recording' : kind;
}
