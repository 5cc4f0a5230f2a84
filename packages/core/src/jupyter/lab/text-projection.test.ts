import { YFile } from '@jupyter/ydoc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { textOf } from '../../documents/text-kind.ts';
import { openTextProjection } from './text-projection.ts';

function open(text: string) {
  const source = new Y.Doc();
  textOf(source).insert(0, text);
  const projection = openTextProjection({ source, saved: null });
  const file = new YFile();
  Y.applyUpdate(file.ydoc, projection.state(), 'remote');
  file.ydoc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin === 'remote') return;
    projection.receive(update, file, (change) => change(source, file));
  });
  projection.shared.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== file) Y.applyUpdate(file.ydoc, update, 'remote');
  });
  return { source, projection, file, text: () => textOf(source).toString() };
}

describe('a text file in both documents', () => {
  it('types in both directions, counting as editors do', () => {
    const { file, source, text } = open('a 📊\n漢字 e\u0301');
    file.updateSource(2, 4, '📈📉');
    textOf(source).insert(0, '# ');
    file.updateSource(0, 1, '%');
    expect(text()).toBe('% a 📈📉\n漢字 e\u0301');
    expect(file.getSource()).toBe(text());
  });

  it('has line ends as JupyterLab counts them, and gives the file its own back', () => {
    const { file, source, text } = open('\ufeffone\r\ntwo\r\nthree');
    expect(file.getSource()).toBe('\ufeffone\ntwo\nthree');
    file.updateSource(5, 8, 'zwei\ndrei');
    expect(text()).toBe('\ufeffone\r\nzwei\r\ndrei\r\nthree');
    textOf(source).insert(6, '!');
    file.updateSource(4, 5, '');
    expect(text()).toBe(`\ufeffone${text().slice(4)}`);
    expect(file.getSource()).toBe(text().replaceAll('\r\n', '\n'));
  });

  it('a whole text that is replaced by a similar one is a small edit', () => {
    const { file, source } = open('one\ntwo\nthree\n');
    const seen: unknown[] = [];
    textOf(source).observe((event) => seen.push(event.delta));
    file.setSource('one\n2\nthree\n');
    expect(seen).toEqual([[{ retain: 4 }, { delete: 3 }, { insert: '2' }]]);
  });

  it('echoes and unknown bytes change nothing', () => {
    const { projection, source } = open('x');
    let edits = 0;
    const edit = () => {
      edits += 1;
    };
    expect(projection.receive(projection.state(), {}, edit)).toMatchObject({
      placement: 'applied',
      isNew: false,
    });
    expect(projection.receive(new Uint8Array([9, 9, 9]), {}, edit).placement).toBe('malformed');
    const other = new Y.Doc();
    Y.applyUpdate(other, projection.state());
    other.getText('source').insert(0, 'a');
    const vector = Y.encodeStateVector(other);
    other.getText('source').insert(0, 'b');
    expect(projection.receive(Y.encodeStateAsUpdate(other, vector), {}, edit).placement).toBe('gap');
    expect(projection.shared.store.pendingStructs).toBeNull();
    expect(edits).toBe(0);
    expect(textOf(source).toString()).toBe('x');
  });

  it('an edit that is refused is taken back', () => {
    const { projection, source } = open('x');
    const other = new Y.Doc();
    Y.applyUpdate(other, projection.state());
    const vector = Y.encodeStateVector(other);
    other.getText('source').insert(0, 'a');
    const update = Y.encodeStateAsUpdate(other, vector);
    const refuse = () => {
      throw new Error('no');
    };
    expect(() => projection.receive(update, {}, refuse)).toThrow('no');
    expect(projection.shared.getText('source').toString()).toBe('x');
    expect(textOf(source).toString()).toBe('x');
  });

  it('is restored from a state and the updates after it; a gap is told', () => {
    const { projection, source, file } = open('x');
    const saved = [projection.state()];
    projection.shared.on('update', (update: Uint8Array) => saved.push(update));
    file.updateSource(1, 1, 'y');
    file.updateSource(2, 2, 'z');
    const again = openTextProjection({ source, saved });
    expect(again.shared.getText('source').toString()).toBe('xyz');
    expect(() =>
      openTextProjection({ source, saved: [saved[0], saved[2]].filter((s) => s !== undefined) }),
    ).toThrow();
  });

  it('any edits, on any text, in any order: both stay the same', () => {
    const piece = fc.constantFrom('a', 'b\n', '\r\n', '\r', '📊', '漢', 'e\u0301', '');
    const edit = fc.record({ isLab: fc.boolean(), at: fc.nat(30), cut: fc.nat(3), text: piece });
    fc.assert(
      fc.property(fc.array(piece), fc.array(edit, { maxLength: 12 }), (start, edits) => {
        const { source, file, text, projection } = open(start.join(''));
        for (const { isLab, at, cut, text: inserted } of edits) {
          const length = isLab ? file.getSource().length : text().length;
          const from = Math.min(at, length);
          const to = Math.min(from + cut, length);
          if (isLab) file.updateSource(from, to, inserted);
          else {
            source.transact(() => {
              textOf(source).insert(to, inserted);
              textOf(source).delete(from, to - from);
            });
          }
          const wanted = text().replaceAll('\r\n', '\n');
          expect(projection.shared.getText('source').toString()).toBe(wanted);
          expect(file.getSource()).toBe(wanted);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('selections go over', () => {
    const { projection } = open('ab\r\ncd');
    const lab = projection.toShared({ cell: null, anchor: 1, head: 5 });
    expect(lab && projection.toSource(lab)).toEqual({ cell: null, anchor: 1, head: 5 });
    expect(projection.toSource({ anchor: null, head: 'x' })).toBeNull();
  });
});
