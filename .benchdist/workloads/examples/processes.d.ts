export declare const userTouchesKernel: import("./example.ts").Example;
export declare const contextSwitch: import("./example.ts").Example;
export declare const libcShared: import("./example.ts").Example;
