/** Whole-number expressions of scripts: numbers, names, + - * / % == and brackets, with the precedence of C. */
import { UsageError } from '../../../core/index.ts';

export type Values = ReadonlyMap<string, number>;

/** Read once, and worth something else whenever what its names stand for is. */
export type Expression = (values: Values) => number;

const TOKEN = /\s*(?:(\d+)|([A-Za-z_]\w*)|(==|[-+*/%()]))/y;
/** Weakest first. */
const OPERATORS: readonly (readonly string[])[] = [['=='], ['+', '-'], ['*', '/', '%']];

/** @param place for messages */
export function readExpression(text: string, place: string): Expression {
  return new Reader(text, place).whole();
}

class Reader {
  private readonly tokens: readonly string[];
  private readonly fault: string;
  private at = 0;

  constructor(text: string, place: string) {
    this.fault = `${place}: found '${text}', expected an expression of numbers and names`;
    this.tokens = this.tokensOf(text);
  }

  whole(): Expression {
    const whole = this.level(0);
    if (this.at < this.tokens.length) throw new UsageError(this.fault);
    return whole;
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

  private level(rank: number): Expression {
    const operators = OPERATORS[rank];
    if (operators === undefined) return this.atom();
    let left = this.level(rank + 1);
    while (operators.includes(this.tokens[this.at] ?? '')) {
      const operator = this.tokens[this.at++]!;
      left = this.applied(operator, left, this.level(rank + 1));
    }
    return left;
  }

  private applied(operator: string, left: Expression, right: Expression): Expression {
    if (operator === '+') return (values) => left(values) + right(values);
    if (operator === '-') return (values) => left(values) - right(values);
    if (operator === '*') return (values) => left(values) * right(values);
    if (operator === '==') return (values) => (left(values) === right(values) ? 1 : 0);
    const divisor = this.divisor(right);
    if (operator === '/') return (values) => Math.trunc(left(values) / divisor(values));
    return (values) => left(values) % divisor(values);
  }

  private divisor(right: Expression): Expression {
    return (values) => {
      const value = right(values);
      if (value === 0) throw new UsageError(`${this.fault} that does not divide by 0`);
      return value;
    };
  }

  private atom(): Expression {
    const token = this.tokens[this.at++];
    if (token === '(') {
      const inner = this.level(0);
      if (this.tokens[this.at++] !== ')') throw new UsageError(this.fault);
      return inner;
    }
    if (token === undefined) throw this.unknown('nothing');
    if (/^\d/.test(token)) {
      const value = Number(token);
      return () => value;
    }
    return (values) => {
      const value = values.get(token);
      if (value === undefined) throw this.unknown(token);
      return value;
    };
  }

  private unknown(name: string): UsageError {
    return new UsageError(`${this.fault}; of '${name}' the capture says nothing`);
  }
}
