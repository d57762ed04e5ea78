/** What package.json says of us; found by the package's own name, wherever in it the compiled files lie. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);
const PACKAGE = 'vmsplit/package.json';
const { name, version } = require(PACKAGE) as { name: string; version: string };

export const TOOL = name;
export const VERSION = version;
export const PACKAGE_FOLDER = dirname(require.resolve(PACKAGE));
