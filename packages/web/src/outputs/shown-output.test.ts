import { asBlobHash } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import { isActive, needsText, plainText, shownDisplay } from './shown-output.ts';

const display = (
  data: Record<string, string>,
  blobs?: Record<string, { blob: ReturnType<typeof asBlobHash>; size: number }>,
) => ({ type: 'display_data', data, metadata: {}, ...(blobs ? { blobs } : {}) }) as const;

describe('what is drawn of an output', () => {
  it('is the best type, from the document or from its blob', () => {
    const hash = asBlobHash('a'.repeat(64));
    const picture = shownDisplay(
      display({ 'text/plain': '<Figure>' }, { 'image/png': { blob: hash, size: 1e5 } }),
    );
    expect(picture).toMatchObject({ mime: 'image/png', viewer: 'image', value: { blob: hash } });
    expect(picture && needsText(picture)).toBe(false);
    const table = shownDisplay(display({ 'text/plain': 'a' }, { 'text/html': { blob: hash, size: 1e5 } }));
    expect(table && needsText(table)).toBe(true);
    expect(shownDisplay(display({ 'text/plain': 'a', 'text/html': '<b>a</b>' }), 'text/plain')).toMatchObject(
      {
        viewer: 'text',
        value: { inline: 'a' },
        mimes: ['text/plain', 'text/html'],
      },
    );
  });

  it('is nothing of an empty bundle', () => {
    expect(shownDisplay(display({}))).toBeNull();
  });

  it('is active when it holds scripts', () => {
    expect(isActive('html', '<b>a</b>')).toBe(false);
    expect(isActive('html', '<script>1</script>')).toBe(true);
    expect(isActive('frame', '1')).toBe(true);
    expect(isActive('text', '<script>1</script>')).toBe(false);
  });

  it('has a plain form', () => {
    expect(plainText({ type: 'stream', name: 'stdout', text: 'hi\n' })).toBe('hi\n');
    expect(plainText({ type: 'error', ename: 'E', evalue: 'v', traceback: [] })).toBe('E: v');
    expect(plainText(display({ 'text/plain': 'x' }))).toBe('x');
  });
});
