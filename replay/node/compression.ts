/** Codecs of Node for exports: beside the main thread, so that the next row group is made meanwhile. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Compression } from '../export/index.ts';

const packed = promisify(gzip);

/** The level that costs least: pages are packed already, and gzip only takes out what repeats. */
export const GZIP: Compression = { codec: 'GZIP', compress: (bytes) => packed(bytes, { level: 1 }) };
