export {};
//# sourceMappingURL=fold-event.js.map