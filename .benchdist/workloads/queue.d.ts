export interface Due<T> {
    readonly timeNs: number;
    readonly sequence: number;
    readonly item: T;
}
export declare class EventQueue<T> {
    private readonly heap;
    private sequence;
    get length(): number;
    push(timeNs: number, item: T): void;
    pop(): Due<T> | undefined;
}
