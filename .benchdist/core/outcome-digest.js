import { Digest } from './state/digest.js';
export class OutcomeDigest {
    digest = new Digest();
    events = 0;
    /** Takes in the outcomes of the next batch. */
    add(outcomes) {
        const { count, status, flags } = outcomes;
        const statusWords = new Uint32Array(status.buffer, status.byteOffset, status.length >> 2);
        const flagWords = new Uint32Array(flags.buffer, flags.byteOffset, flags.length >> 2);
        for (let word = 0; word < flagWords.length; word++) {
            if ((flagWords[word] | statusWords[word]) === 0)
                continue;
            const end = Math.min(4 * word + 4, count);
            for (let at = 4 * word; at < end; at++)
                if ((flags[at] | status[at]) !== 0)
                    this.addOne(outcomes, at);
        }
        this.events += count;
    }
    addOne({ status, flags, latencyNs, vpn, pfn }, at) {
        const place = (this.events + at) * 4;
        this.digest.add(place, status[at] * 256 + flags[at]);
        this.digest.add(place + 1, latencyNs[at]);
        if (vpn[at] !== 0)
            this.digest.add(place + 2, vpn[at]);
        if (pfn[at] !== 0)
            this.digest.add(place + 3, pfn[at]);
    }
    toString() {
        return this.digest.toString();
    }
}
//# sourceMappingURL=outcome-digest.js.map