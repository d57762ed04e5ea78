export declare const TOOL: string;
export declare const VERSION: string;
export declare const PACKAGE_FOLDER: string;
