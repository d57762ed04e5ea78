export declare const prefork: import("./workload.ts").Workload;
