export declare const buddyinfo: import("./view.ts").View;
