export declare const database: import("./workload.ts").Workload;
