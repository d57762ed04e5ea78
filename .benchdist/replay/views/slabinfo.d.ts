export declare const slabinfo: import("./view.ts").View;
