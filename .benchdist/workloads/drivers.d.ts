export declare const drivers: import("./workload.ts").Workload;
