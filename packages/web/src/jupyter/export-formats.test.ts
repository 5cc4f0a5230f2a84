import { expect, test } from 'vitest';
import { attachedName, exportFormats } from './export-formats.ts';

test('what most people want comes first, in words; what is not installed is not offered', () => {
  const titles = exportFormats(['markdown', 'script', 'html', 'pdf']).map(({ title }) => title);
  expect(titles).toEqual(['Web page', 'PDF through LaTeX', 'Program', 'Markdown']);
});

test('the notebook itself and second names of a format are left out; formats of others are kept', () => {
  const names = exportFormats(['notebook', 'python', 'script', 'my_school']).map(({ name }) => name);
  expect(names).toEqual(['script', 'my_school']);
});

test('the name of the file is the one that the server gives, in any writing', () => {
  expect(attachedName(`attachment; filename="a.html"; filename*=UTF-8''%C3%BCbung%201.html`)).toBe(
    'übung 1.html',
  );
  expect(attachedName('attachment; filename="a.html"')).toBe('a.html');
  expect(attachedName(`attachment; filename="a.html"; filename*=UTF-8''%E0%A4%A`)).toBe('a.html');
  expect(attachedName(null)).toBeNull();
});
