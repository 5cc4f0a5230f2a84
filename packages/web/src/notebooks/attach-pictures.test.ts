import { asCellId } from '@cahier/base/ids.ts';
import { expect, test } from 'vitest';
import { attachPictures, readPicture } from './attach-pictures.ts';
import { openNotebook } from './notebook-bench.sim.ts';

const [text, code] = [asCellId('text'), asCellId('code')];
const picture = { name: 'image.png', type: 'image/png', base64: 'AAAA' };

function notebook() {
  return openNotebook([
    ['text', 'markdown', 'See: .'],
    ['code', 'code', '1'],
  ]);
}

test('a pasted picture is kept in the cell and shown where the cursor was; one undo takes both back', () => {
  const { model, actions, ydoc } = notebook();
  expect(attachPictures(ydoc, text, [picture], 5)).toBe(true);
  expect(model.cell(text)?.source).toBe('See: ![image.png](attachment:image.png).');
  expect(model.cell(text)?.attachments).toEqual({ 'image.png': { 'image/png': 'AAAA' } });
  actions.undo();
  expect(model.cell(text)?.source).toBe('See: .');
  expect(model.cell(text)?.attachments ?? {}).toEqual({});
});

test('a second picture of the same name takes no other one away, and a name cannot break out of its mark', () => {
  const { model, ydoc } = notebook();
  attachPictures(ydoc, text, [picture, { ...picture, base64: 'BBBB' }], 0);
  attachPictures(ydoc, text, [{ ...picture, name: 'a](x) b.png' }], 0);
  expect(Object.keys(model.cell(text)?.attachments ?? {})).toEqual([
    'image.png',
    'image-1.png',
    'a-x- b.png',
  ]);
  expect(model.cell(text)?.source.startsWith('![a-x- b.png](attachment:a-x-%20b.png)')).toBe(true);
});

test('code has no attachments', () => {
  const { model, ydoc } = notebook();
  expect(attachPictures(ydoc, code, [picture], 0)).toBe(false);
  expect(model.cell(code)?.source).toBe('1');
});

test('the bytes are kept as nbformat keeps them, also many', async () => {
  const bytes = new Uint8Array(100_000).map((_, i) => i % 256);
  const read = await readPicture(new File([bytes], 'a.png', { type: 'image/png' }));
  expect(Uint8Array.from(atob(read.base64), (sign) => sign.charCodeAt(0))).toEqual(bytes);
});
