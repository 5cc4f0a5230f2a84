/**
 * The end of what a terminal has shown, so that whoever comes later sees it. Bytes as they came; read from a line's
 * beginning, and without the questions that programs asked the screen: nobody must answer them a second time.
 */
export const scrollbackBytes = 1024 * 1024;
/** A line longer than this is not looked through for its beginning. */
const longestSearch = 16 * 1024;

/** Device attributes, cursor and state reports (CSI … c, n, $p), colour queries (OSC 4, 10–12 with ?), DECRQSS. */
const questions =
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
  /\x1b\[[>=?]?[\d;]*(?:c|n|\$p)|\x1b\](?:4;\d+|1[0-2]);\?(?:\x07|\x1b\\)|\x1bP\$q[^\x1b]*\x1b\\|\x1bZ/g;

export class Scrollback {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isCut = false;

  constructor(limit = scrollbackBytes) {
    this.#limit = limit;
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#limit * 1.25) return;
    this.#isCut = true;
    let drop = 0;
    while (this.#bytes - (this.#chunks[drop]?.length ?? 0) >= this.#limit) {
      this.#bytes -= this.#chunks[drop]?.length ?? 0;
      drop += 1;
    }
    this.#chunks.splice(0, drop);
  }

  read(): Uint8Array {
    const all = Buffer.concat(this.#chunks).subarray(-this.#limit);
    const whole = this.#isCut || all.length < this.#bytes ? all.subarray(startOfLine(all)) : all;
    return Buffer.from(whole.toString('latin1').replace(questions, ''), 'latin1');
  }
}

function startOfLine(bytes: Buffer): number {
  const end = bytes.subarray(0, longestSearch).indexOf(10);
  if (end !== -1) return end + 1;
  return Math.max(
    0,
    bytes.findIndex((byte) => (byte & 0xc0) !== 0x80),
  );
}
