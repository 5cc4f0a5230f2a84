import { expect, test } from 'vitest';
import { setupOnTerminal } from './terminal.ts';

function told(isTTY: boolean): string {
  let said = '';
  const tell = setupOnTerminal({
    isTTY,
    write: (text: Uint8Array | string) => (said += String(text)) !== '',
  });
  for (const message of ['Installing numpy…', 'Installing numpy (2 s)…', 'Installing numpy (4 s)…'])
    tell({ phase: 'working', message });
  tell({ phase: 'ready', message: 'Python is ready.' });
  return said;
}

test('in a log a step of the set-up is one line, however long it takes', () => {
  expect(told(false)).toBe('Installing numpy…\nPython is ready.\n');
});

test('on a terminal one line changes and counts the seconds', () => {
  expect(told(true)).toContain('\r\u001b[KInstalling numpy (4 s)…');
  expect(told(true).match(/\n/g)).toHaveLength(1);
});
