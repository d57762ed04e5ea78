export declare const kernelPageTables: import("./view.ts").View;
