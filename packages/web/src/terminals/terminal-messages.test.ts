import { describe, expect, it } from 'vitest';
import { endInWords, readTerminalDown } from './terminal-messages.ts';

describe('messages of a terminal', () => {
  it('are read, and what is unknown is passed over', () => {
    expect(readTerminalDown('["stdout","a"]')).toEqual(['stdout', 'a']);
    expect(readTerminalDown('["setup",{}]')?.[0]).toBe('setup');
    expect(readTerminalDown('["people",[{"id":"1","name":"Ada","color":"#fff","more":1}]]')).toEqual([
      'people',
      [{ id: '1', name: 'Ada', color: '#fff' }],
    ]);
    for (const odd of ['', '{', '7', '["new",1]', '["stdout",7]', new Uint8Array(2)])
      expect(readTerminalDown(odd)).toBeNull();
  });

  it('say how the shell ended', () => {
    expect(endInWords(0, null)).toBe('The shell has ended.');
    expect(endInWords(2, null)).toBe('The shell ended with exit code 2.');
    expect(endInWords(null, 9)).toBe('The shell was ended by signal 9.');
  });
});
