/** Whole-number expressions of scripts: numbers, names, + - * / % == and brackets, with the precedence of C. */
import { UsageError } from '../../../core/index.ts';

export type Values = ReadonlyMap<string, number>;

const TOKEN = /\s*(?:(\d+)|([A-Za-z_]\w*)|(==|[-+*/%()]))/y;
/** Weakest first. */
const OPERATORS: readonly (readonly string[])[] = [['=='], ['+', '-'], ['*', '/', '%']];

/** @param place for messages */
export function evaluate(text: string, values: Values, place: string): number {
  return new Expression(text, values, place).whole();
}

class Expression {
  private readonly tokens: readonly string[];
  private readonly values: Values;
  private readonly fault: string;
  private at = 0;

  constructor(text: string, values: Values, place: string) {
    this.values = values;
    this.fault = `${place}: found '${text}', expected an expression of numbers and names`;
    this.tokens = this.tokensOf(text);
  }

  whole(): number {
    const value = this.level(0);
    if (this.at < this.tokens.length) throw new UsageError(this.fault);
    return value;
  }

  private tokensOf(text: string): string[] {
    const tokens: string[] = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const match = TOKEN.exec(text);
      if (match === null) throw new UsageError(this.fault);
      tokens.push(match[1] ?? match[2] ?? match[3]!);
    }
    return tokens;
  }

  private level(rank: number): number {
    const operators = OPERATORS[rank];
    if (operators === undefined) return this.atom();
    let left = this.level(rank + 1);
    while (operators.includes(this.tokens[this.at] ?? '')) {
      const operator = this.tokens[this.at++]!;
      left = this.apply(operator, left, this.level(rank + 1));
    }
    return left;
  }

  private apply(operator: string, left: number, right: number): number {
    if (operator === '+') return left + right;
    if (operator === '-') return left - right;
    if (operator === '*') return left * right;
    if (operator === '==') return left === right ? 1 : 0;
    if (right === 0) throw new UsageError(`${this.fault} that does not divide by 0`);
    return operator === '/' ? Math.trunc(left / right) : left % right;
  }

  private atom(): number {
    const token = this.tokens[this.at++];
    if (token === '(') {
      const value = this.level(0);
      if (this.tokens[this.at++] !== ')') throw new UsageError(this.fault);
      return value;
    }
    if (token !== undefined && /^\d/.test(token)) return Number(token);
    const value = token === undefined ? undefined : this.values.get(token);
    if (value === undefined)
      throw new UsageError(`${this.fault}; of '${token ?? 'nothing'}' the capture says nothing`);
    return value;
  }
}
