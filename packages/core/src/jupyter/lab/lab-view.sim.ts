/**
 * What one JupyterLab shows of a shared code cell, by the rules of its cell and output models (4.6): it keeps a list of
 * its own and follows the document only by what each change says. Text goes to the last output, whichever it was meant
 * for; what is new goes to the end, or into the last output when it takes that one for the same stream; and what it did
 * by itself it writes back. Only outputs, count and state are modelled.
 */
import type { Json, JsonObject } from '@cahier/base/json.ts';
import { type CellChange, YCodeCell } from '@jupyter/ydoc';
import { jsonOf, objectOf } from '../../notebooks/source-layout.ts';

interface Stream {
  readonly is: 'stream';
  readonly json: JsonObject;
  text: string;
}
type Item = Stream | { readonly is: 'other'; readonly json: JsonObject };

export class LabView {
  /** What its console would say. */
  readonly faults: string[] = [];
  /** What the prompt has said, each time that it changed. */
  readonly prompts: string[] = [];
  readonly #cell: YCodeCell;
  readonly #items: Item[] = [];
  /** Name of the stream that was added last; what is removed does not change it. */
  #stream = '';

  constructor(cell: unknown) {
    if (!(cell instanceof YCodeCell)) throw new Error('this is not a code cell');
    this.#cell = cell;
    for (const output of cell.getOutputs()) this.#add(objectOf(jsonOf(output)));
    this.#prompt();
    cell.changed.connect((_, change) => {
      try {
        this.#follow(change);
      } catch (error) {
        this.faults.push(String(error));
      }
    });
  }

  get outputs(): Json[] {
    return this.#items.map((item) => (item.is === 'stream' ? { ...item.json, text: item.text } : item.json));
  }

  #follow(change: CellChange): void {
    if ('streamOutputChange' in change) {
      for (const step of change.streamOutputChange ?? []) {
        const last = this.#lastStream();
        if (step.delete !== undefined) last.text = last.text.slice(0, -step.delete);
        if (step.insert !== undefined) last.text += step.insert.toString();
      }
    }
    if ('outputsChange' in change) {
      let at = 0;
      for (const step of change.outputsChange ?? []) {
        if (step.retain !== undefined) at += step.retain;
        if (step.delete !== undefined) this.#items.splice(at, step.delete);
        for (const output of step.insert ?? []) this.#add(objectOf(jsonOf(output)));
      }
    }
    if ('executionCountChange' in change && change.executionCountChange) {
      // a count means to it that the run is over, and it tells everybody so
      if (change.executionCountChange.newValue !== null) this.#cell.executionState = 'idle';
      this.#prompt();
    }
    if ('executionStateChange' in change && change.executionStateChange) this.#prompt();
  }

  #add(json: JsonObject): void {
    if (json['output_type'] !== 'stream') {
      this.#stream = '';
      this.#items.push({ is: 'other', json });
      return;
    }
    const text = String(json['text']);
    if (json['name'] === this.#stream && this.#items.length > 0) {
      const last = this.#lastStream();
      last.text += text;
      this.#cell.appendStreamOutput(this.#items.length - 1, text, 'silent-change');
      return;
    }
    this.#stream = String(json['name']);
    this.#items.push({ is: 'stream', json, text });
  }

  #lastStream(): Stream {
    const last = this.#items.at(-1);
    if (last?.is !== 'stream') throw new Error('the last output is no stream');
    return last;
  }

  #prompt(): void {
    const { executionState: state, execution_count: count } = this.#cell;
    const prompt = state === 'running' ? '[*]' : `[${count ?? ' '}]`;
    if (prompt !== this.prompts.at(-1)) this.prompts.push(prompt);
  }
}
