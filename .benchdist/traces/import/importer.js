export {};
//# sourceMappingURL=importer.js.map