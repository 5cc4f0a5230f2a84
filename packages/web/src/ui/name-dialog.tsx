import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { Dialog, DialogActions } from './dialog.tsx';
import { Field } from './field.tsx';

interface Props {
  readonly title: string;
  readonly label: string;
  readonly action: string;
  readonly initial?: string;
  readonly placeholder?: string;
  readonly hint?: string;
  /** How much of `initial` is selected at first (a name without its ending). Default: all. */
  readonly selectTo?: number;
  readonly onClose: () => void;
  /** Rejects with a sentence when the name cannot be used. */
  readonly onName: (name: string) => Promise<void>;
}

/** Asks for one name. */
export function NameDialog(props: Props) {
  const [name, setName] = useState(props.initial ?? '');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { initial = '', selectTo = initial.length } = props;
  useEffect(() => {
    input.current?.setSelectionRange(0, selectTo);
  }, [selectTo]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === '' || isBusy) return;
    setBusy(true);
    props.onName(wanted).then(props.onClose, (cause: unknown) => {
      setBusy(false);
      setError(cause instanceof Error ? cause.message : String(cause));
      input.current?.focus();
    });
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form onSubmit={submit}>
        <Field
          ref={input}
          data-autofocus
          label={props.label}
          value={name}
          error={error}
          maxLength={250}
          autoComplete="off"
          spellCheck={false}
          {...(props.hint ? { hint: props.hint } : {})}
          {...(props.placeholder ? { placeholder: props.placeholder } : {})}
          onChange={(event) => {
            setName(event.target.value);
            setError(null);
          }}
        />
        <DialogActions>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={name.trim() === '' || isBusy}>
            {props.action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
