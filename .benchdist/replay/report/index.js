/** Reports: pure functions from a result to text. */
export { reportJson } from './json.js';
export { reportText } from './text.js';
//# sourceMappingURL=index.js.map