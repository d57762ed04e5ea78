export declare const vmallocinfo: import("./view.ts").View;
