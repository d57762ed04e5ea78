export declare const allLowmem: import("./example.ts").Example;
export declare const highmemKmap: import("./example.ts").Example;
export declare const vmalloc16m: import("./example.ts").Example;
export declare const kmallocDma: import("./example.ts").Example;
