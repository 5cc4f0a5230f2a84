/** The tail of what a process wrote on stdout and stderr: start-up errors live only there. Bounded. */
import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';

const keptCharacters = 8_192;

export class LastWords {
  #text = '';

  /** Keeps reading to the end, so that the process never blocks on a full pipe. */
  listen(stream: Readable): void {
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => {
      this.#text = (this.#text + decoder.write(chunk)).slice(-keptCharacters);
    });
    stream.on('error', () => {});
  }

  /** At most `count` lines, blank ones, colours and notes that every kernel prints left out. */
  lines(count: number): string {
    return this.#text
      .replaceAll(ansi, '')
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '' && !boilerplate.test(line))
      .slice(-count)
      .join('\n');
  }
}

const ansi = /\p{Cc}\[[0-9;]*[A-Za-z]/gu;
const boilerplate =
  /^(NOTE: When using the `ipython kernel`|To exit, you will have to explicitly quit|ctrl-c doesn't work|"quit" from a client|To read more about this, see|To connect another client to this kernel|\s*--existing )/;
