export function reportJson(result) {
    return `${JSON.stringify(result, undefined, 2)}\n`;
}
//# sourceMappingURL=json.js.map