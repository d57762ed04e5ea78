import { type Streams } from './terminal.ts';
export declare function run(args: readonly string[], streams: Streams): Promise<number>;
