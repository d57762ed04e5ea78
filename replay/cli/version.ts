/** The version in package.json; found by the package's own name, wherever the compiled files lie in it. */
import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('vmsplit/package.json') as { version: string };

export const TOOL = 'vmsplit';
export const VERSION = version;
