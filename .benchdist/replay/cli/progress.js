import cliProgress from 'cli-progress';
const SILENT = { update() { }, stop() { } };
const WITH_TOTAL = '{label} [{bar}] {percentage}% | {rate} | {eta_formatted} left';
const WITHOUT_TOTAL = '{label} {done} {unit} | {rate}';
export function startProgress(stream, label, unit, total) {
    if (stream.isTTY !== true)
        return SILENT;
    const format = total === undefined ? WITHOUT_TOTAL : WITH_TOTAL;
    const bar = new cliProgress.SingleBar({ stream, format, hideCursor: true, clearOnComplete: true });
    const startedMs = performance.now();
    const payload = (done) => ({
        label,
        unit,
        done: inMillions(done),
        rate: `${inMillions((done * 1000) / Math.max(1, performance.now() - startedMs))} ${unit}/s`,
    });
    bar.start(total ?? Number.MAX_SAFE_INTEGER, 0, payload(0));
    return { update: (done) => bar.update(done, payload(done)), stop: () => bar.stop() };
}
function inMillions(count) {
    return `${(count / 1e6).toFixed(count < 1e8 ? 2 : 0)} M`;
}
//# sourceMappingURL=progress.js.map