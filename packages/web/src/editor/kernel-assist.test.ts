import { CompletionContext } from '@codemirror/autocomplete';
import { python } from '@codemirror/lang-python';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { completionsOf, inspectionText, kernelCompletion } from './kernel-assist.ts';

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

  it.each([
    ['pri', false, 1],
    ['# pri', false, 0],
    ['# pri', true, 1],
  ])('is asked for %j (by Tab: %j) %d times', async (code, byTab, times) => {
    let asked = 0;
    const complete = async () => {
      asked += 1;
      return { matches: ['print'], cursor_start: code.length - 3, cursor_end: code.length };
    };
    const state = EditorState.create({ doc: code, extensions: [python()] });
    await kernelCompletion({ complete, inspect: async () => null })(
      new CompletionContext(state, code.length, byTab),
    );
    expect(asked).toBe(times);
  });
});
