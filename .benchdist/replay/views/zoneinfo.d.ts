export declare const zoneinfo: import("./view.ts").View;
