/** `input()` and `getpass()`: anybody with the right to run may answer; the first answer counts. */
import type { PendingInput } from '@cahier/core/runs/live.ts';
import { useEffect, useId, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { problemToast } from '../ui/toasts.ts';
import styles from './cell.module.css';
import { useNotebook } from './use-cell.ts';

export function InputPrompt({ input }: { readonly input: PendingInput }) {
  const { model, actions } = useNotebook();
  const [value, setValue] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const { run } = input;
  useEffect(() => {
    // Who is in this very cell is asked at once; nobody else's focus is taken away.
    const focus = document.activeElement;
    const cell = field.current?.closest('[data-cell]');
    if (cell && focus && (focus === cell || cell.contains(focus))) field.current?.focus();
  }, [run]);
  return (
    <form
      className={styles['ask']}
      onSubmit={(event) => {
        event.preventDefault();
        model.session
          .request({ t: 'input.reply', run, value })
          .catch((error: unknown) => void problemToast(error));
      }}
    >
      <label htmlFor={id} className={styles['askLabel']}>
        {input.prompt.trim() === '' ? 'The code asks for input' : input.prompt}
      </label>
      <input
        id={id}
        ref={field}
        className={styles['askField']}
        type={input.isPassword ? 'password' : 'text'}
        autoComplete="off"
        spellCheck={false}
        disabled={!actions.mayEdit}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <Button type="submit" look="primary" disabled={!actions.mayEdit}>
        Send
      </Button>
    </form>
  );
}
