import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { keptFile } from './kept-file.ts';

describe('keptFile', () => {
  it('gives a text document back under a name that tells', () => {
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'x = 1\n');
    expect(keptFile(doc, 'text', 'lab/a.b.py')).toEqual({
      name: 'a.b (kept).py',
      type: 'text/plain',
      text: 'x = 1\n',
    });
  });

  it('gives a notebook back as a notebook, cells by position', () => {
    const doc = new Y.Doc();
    for (const [id, position, source] of [
      ['b', 'a2', 'second'],
      ['a', 'a1', 'first'],
    ] as const) {
      const cell = new Y.Map();
      cell.set('type', id === 'a' ? 'markdown' : 'code');
      cell.set('position', position);
      cell.set('source', new Y.Text(source));
      doc.getMap('cells').set(id, cell);
    }
    const kept = keptFile(doc, 'notebook', 'n.ipynb');
    expect(kept.name).toBe('n (kept).ipynb');
    expect(JSON.parse(kept.text)).toMatchObject({
      nbformat: 4,
      cells: [
        { id: 'a', cell_type: 'markdown', source: 'first' },
        { id: 'b', cell_type: 'code', source: 'second', outputs: [] },
      ],
    });
  });
});
