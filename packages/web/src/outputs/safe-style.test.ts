import { describe, expect, it } from 'vitest';
import { safeStyle } from './safe-style.ts';

describe('style attributes', () => {
  it.each([
    ['color: red; text-align:right', 'color: red; text-align: right'],
    ['position: fixed; top: 0; left: 0; width: 100vw', 'width: 100vw'],
    ['background: url(https://evil.example/x)', ''],
    ['background: u\\72l(https://evil.example/x)', ''],
    ['margin-top: -2000px; margin-left: 4px', 'margin-left: 4px'],
    ['color: red /* ; position: fixed */; z-index: 9', 'color: red'],
    ['display: contents', ''],
    ['display: inline-block', 'display: inline-block'],
    ['color', ''],
    ['', ''],
  ])('%j keeps %j', (css, kept) => {
    expect(safeStyle(css)).toBe(kept);
  });
});
