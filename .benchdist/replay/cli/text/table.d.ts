import type { Terminal } from '../terminal.ts';
export interface Column {
    readonly head: string;
    readonly align?: 'left' | 'right';
}
export declare function table(columns: readonly Column[], rows: readonly (readonly string[])[], { colors }: Pick<Terminal, 'colors'>): string;
