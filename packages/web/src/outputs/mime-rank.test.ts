import { describe, expect, it } from 'vitest';
import { mimeLabel, rankMimes, viewerOf } from './mime-rank.ts';

describe('the type that is shown', () => {
  it.each([
    [['text/plain', 'text/html'], 'text/html'],
    [['text/plain', 'image/png'], 'image/png'],
    [['text/latex', 'image/png', 'text/plain'], 'text/latex'],
    [['text/plain', 'application/json'], 'application/json'],
    [['application/vnd.jupyter.widget-view+json', 'text/plain'], 'text/plain'],
    [['application/vnd.plotly.v1+json', 'text/html', 'text/plain'], 'text/html'],
    [['application/vnd.plotly.v1+json'], 'application/vnd.plotly.v1+json'],
    [['image/svg+xml', 'image/png', 'text/plain'], 'image/svg+xml'],
    [['text/x-unheard-of', 'application/x-dubious'], 'text/x-unheard-of'],
  ])('of %j is %s', (mimes, best) => {
    expect(rankMimes(mimes)[0]).toBe(best);
  });

  it('is the one the reader chose, when the output has it', () => {
    expect(rankMimes(['text/html', 'text/plain'], 'text/plain')).toEqual(['text/plain', 'text/html']);
    expect(rankMimes(['text/html', 'text/plain'], 'image/png')[0]).toBe('text/html');
  });

  it('runs scripts nowhere but in the frame', () => {
    expect(viewerOf('application/javascript')).toBe('frame');
    expect(viewerOf('text/javascript')).toBe('frame');
    expect(viewerOf('application/x-dubious')).toBeNull();
  });

  it('has words for the menu', () => {
    expect(mimeLabel('text/html')).toBe('HTML');
    expect(mimeLabel('a/b')).toBe('a/b');
  });
});
