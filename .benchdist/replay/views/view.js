export function viewOf(name, description, figures, format) {
    return { name, description, figures, text: (machine) => format(figures(machine), machine) };
}
//# sourceMappingURL=view.js.map