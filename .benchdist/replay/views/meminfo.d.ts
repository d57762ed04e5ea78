export declare const meminfo: import("./view.ts").View;
