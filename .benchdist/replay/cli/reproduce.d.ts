/** The line that reproduces a run. */
export declare function reproduceLine(command: string, args: readonly string[]): string;
