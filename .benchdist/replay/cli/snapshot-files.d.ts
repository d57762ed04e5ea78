import { type Moment } from '../verify/index.ts';
/** `path`: a directory or a file; by default the directory of the trace, which may hold none. */
export declare function readMoments(path: string | undefined, trace: string): Promise<Moment[]>;
