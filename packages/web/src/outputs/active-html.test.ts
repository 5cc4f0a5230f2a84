import { describe, expect, it } from 'vitest';
import { isActiveHtml } from './active-html.ts';

describe('HTML that goes to the frame', () => {
  it.each([
    '<script>alert(1)</script>',
    '<SCRIPT src=x></SCRIPT>',
    '<p>a</p><iframe src="https://youtube.com/embed/x"></iframe>',
    '<img src=x onerror=alert(1)>',
    '<img src="x"onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '<div><style>#T_1 td {color: red}</style><table id="T_1"></table></div>',
    '<input type="checkbox">',
    '<audio controls></audio>',
    '<my-widget></my-widget>',
  ])('%s', (html) => {
    expect(isActiveHtml(html)).toBe(true);
  });

  it.each([
    '<b>bold</b>',
    '<div><style scoped>.dataframe tbody tr th {vertical-align: top}</style><table class="dataframe"></table></div>',
    '<a href="https://example.org">one on = two</a>',
    '<p>if a < script then</p>',
    '<math><mi>x</mi></math>',
  ])('stays in the page: %s', (html) => {
    expect(isActiveHtml(html)).toBe(false);
  });
});
