import { describe, expect, it } from 'vitest';
import { fromApiNotebook, toApiNotebook } from './api-notebook.ts';

describe('a notebook for the contents API', () => {
  it('has its lines joined, JSON left alone', () => {
    const cell = {
      cell_type: 'code',
      source: ['a\n', 'b'],
      outputs: [
        { output_type: 'stream', name: 'stdout', text: ['x\n', 'y\n'] },
        {
          output_type: 'display_data',
          data: {
            'text/html': ['<b>', '</b>'],
            'application/json': ['a', 'b'],
            'application/geo+json': ['c'],
          },
          metadata: {},
        },
        { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['1', '2'] },
      ],
    };
    const file = {
      cells: [
        cell,
        { cell_type: 'markdown', source: 'x', attachments: { 'a.txt': { 'text/plain': ['1', '2'] } } },
      ],
    };
    expect(toApiNotebook(file)).toEqual({
      cells: [
        {
          cell_type: 'code',
          source: 'a\nb',
          outputs: [
            { output_type: 'stream', name: 'stdout', text: 'x\ny\n' },
            {
              output_type: 'display_data',
              data: { 'text/html': '<b></b>', 'application/json': ['a', 'b'], 'application/geo+json': ['c'] },
              metadata: {},
            },
            { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['1', '2'] },
          ],
        },
        { cell_type: 'markdown', source: 'x', attachments: { 'a.txt': { 'text/plain': '12' } } },
      ],
    });
  });

  it('is saved without the marks of a server', () => {
    const sent = {
      metadata: { orig_nbformat: 3, signature: 's', kernelspec: { name: 'k' } },
      cells: [{ cell_type: 'code', metadata: { trusted: true, tags: ['t'] } }, 'odd'],
    };
    expect(fromApiNotebook(sent)).toEqual({
      metadata: { kernelspec: { name: 'k' } },
      cells: [{ cell_type: 'code', metadata: { tags: ['t'] } }, 'odd'],
    });
  });

  it('is saved without what a cell asks at the moment', () => {
    const stream = { output_type: 'stream', name: 'stdout', text: 'hello' };
    const data = {
      'application/vnd.cahier.input+json': { prompt: 'Who?' },
      'text/plain': 'The code asks: Who?',
    };
    const outputs = [stream, { output_type: 'display_data', data, metadata: {} }, 'odd'];
    expect(fromApiNotebook({ cells: [{ cell_type: 'code', outputs }] })).toEqual({
      cells: [{ cell_type: 'code', outputs: [stream, 'odd'] }],
    });
  });

  it('leaves alone what is no notebook', () => {
    for (const odd of [{}, { cells: 7 }, { cells: [null], metadata: 'x' }]) {
      expect(toApiNotebook(odd)).toEqual(odd);
      expect(fromApiNotebook(odd)).toEqual(odd);
    }
  });
});
