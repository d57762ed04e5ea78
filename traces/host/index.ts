/**
 * The host at hand: Node. A build for browsers reads browser.ts in the place of node.ts (`browserHost` of rolldown.config.ts);
 * nothing else of core, workloads, traces and a replay knows where it runs.
 */
import type { Host } from './host.ts';
import { host } from './node.ts';

export { type Unpacker, UnpackFault } from './host.ts';

export const { crc32, latin1, latin1Bytes, utf8, concat, unpackerOf }: Host = host;
