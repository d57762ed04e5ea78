export declare const highmem: import("./workload.ts").Workload;
