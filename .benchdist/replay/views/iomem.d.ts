export declare const iomem: import("./view.ts").View;
