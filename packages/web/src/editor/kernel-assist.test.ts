import { describe, expect, it } from 'vitest';
import { completionsOf, inspectionText } from './kernel-assist.ts';

describe('what the kernel offers', () => {
  it('is placed by code points', () => {
    const code = 's = "😀"; s.up';
    const result = completionsOf(
      { matches: ['s.upper'], cursor_start: 9, cursor_end: 13 },
      code,
      code.length,
    );
    expect(result).toMatchObject({ from: 10, to: 14, options: [{ label: 's.upper' }] });
  });

  it('keeps its order and says what it is', () => {
    const reply = {
      matches: ['print', 'property'],
      cursor_start: 0,
      cursor_end: 2,
      metadata: {
        _jupyter_types_experimental: [
          { text: 'print', type: 'function', signature: '(*args)' },
          { text: 'property', type: 'class' },
        ],
      },
    };
    const options = completionsOf(reply, 'pr', 2)?.options ?? [];
    expect(options.map((o) => [o.label, o.type, o.detail])).toEqual([
      ['print', 'function', '(*args)'],
      ['property', 'class', undefined],
    ]);
    expect((options[0]?.boost ?? 0) > (options[1]?.boost ?? 0)).toBe(true);
  });

  it.each([null, {}, { matches: [] }, { matches: 'x' }])('is nothing in %j', (reply) => {
    expect(completionsOf(reply, '', 0)).toBeNull();
  });

  it('is a text to read', () => {
    expect(inspectionText({ found: true, data: { 'text/plain': 'Signature: f()' } })).toBe('Signature: f()');
    expect(inspectionText({ found: false, data: {} })).toBeNull();
    expect(inspectionText(null)).toBeNull();
  });
});
