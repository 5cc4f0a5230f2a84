import type { TokenMade } from '@cahier/protocol/http/tokens.ts';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { copyText } from '../ui/copy-text.ts';
import { problemToast } from '../ui/toasts.ts';
import styles from './connect-dialog.module.css';
import { type Program, type Recipe, recipesFor } from './programs.ts';

interface Props {
  readonly program: Program;
  readonly made: TokenMade;
  readonly onDone: () => void;
}

/** The secret, this once, in lines that are ready to paste. */
export function MadeToken({ program, made, onDone }: Props) {
  return (
    <section className={styles['made']} aria-labelledby="made-token">
      <h3 id="made-token" className={styles['heading']}>
        {program.kind === 'address' ? 'The address is made' : 'The token is made'}
      </h3>
      <p>
        It is shown <strong>only now</strong>. Copy what you need before you go on;{' '}
        {program.kind === 'address'
          ? 'whoever has this address can do in your name what you allowed.'
          : 'whoever has it can do in your name what you allowed.'}
      </p>
      <Copied label={program.kind === 'address' ? 'Address' : 'Token'} text={secretOf(program, made)} />
      {recipesFor(program.id, made).map((recipe) => (
        <CodeToCopy key={recipe.label} {...recipe} />
      ))}
      <div className={styles['actions']}>
        <Button look="primary" data-autofocus onClick={onDone}>
          I have copied it
        </Button>
      </div>
    </section>
  );
}

const secretOf = ({ kind }: Program, made: TokenMade) => (kind === 'address' ? made.address : made.token);

function Copied({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div className={styles['secret']}>
      <input
        readOnly
        aria-label={label}
        value={text}
        onFocus={(event) => event.target.select()}
        spellCheck={false}
      />
      <CopyButton what={label} text={text} />
    </div>
  );
}

function CodeToCopy({ label, text }: Recipe) {
  return (
    <figure className={styles['recipe']}>
      <figcaption className={styles['caption']}>
        <span>{label}</span>
        <CopyButton what={label} text={text} />
      </figcaption>
      {/* long lines scroll, so that keys must reach them */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles['code']} tabIndex={0} aria-label={label}>
        {text}
      </pre>
    </figure>
  );
}

function CopyButton({ what, text }: { readonly what: string; readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <Button
      aria-label={isCopied ? `Copied: ${what}` : `Copy: ${what}`}
      className={styles['copy']}
      onClick={() => {
        copyText(text).then(() => setCopied(true), problemToast);
      }}
    >
      {isCopied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}{' '}
      {isCopied ? 'Copied' : 'Copy'}
    </Button>
  );
}
