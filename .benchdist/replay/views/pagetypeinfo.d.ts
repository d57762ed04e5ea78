export declare const pagetypeinfo: import("./view.ts").View;
