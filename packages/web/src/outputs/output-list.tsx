/**
 * The outputs of one cell. Decides for each: which type, in the page or in the cell's one frame; fetches the text blobs
 * it needs. Drawn only while the cell is near the screen.
 */
import { assertNever } from '@cahier/base/assert-never.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { memo, useMemo, useState } from 'react';
import { ErrorOutput } from './error-output.tsx';
import { FrameOutputs } from './frame-output.tsx';
import type { FrameOutput } from './frame-protocol.ts';
import { JsonTree } from './json-tree.tsx';
import { OutputMenu } from './output-menu.tsx';
import { useOutputSource } from './output-source.ts';
import { PageOutput } from './page-output.tsx';
import { isActive, needsText, type ShownDisplay, shownDisplay, textOf } from './shown-output.ts';
import { StreamOutput } from './stream-output.tsx';
import type { MenuItem } from '../ui/menu.tsx';
import styles from './outputs.module.css';
import { useBlobTexts } from './use-blob-texts.ts';

interface Props {
  readonly outputs: readonly LiveOutput[];
  /** For screen readers: “Output of cell 4”. */
  readonly label: string;
  /** More that can be done with one of them (by its place), in its menu. */
  readonly more?: ((output: number) => readonly MenuItem[]) | undefined;
}

type Choices = Readonly<Record<number, string>>;

export const OutputList = memo(function OutputList({ outputs, label, more }: Props) {
  const source = useOutputSource();
  const [choices, setChoices] = useState<Choices>({});
  const displays = useMemo(
    () =>
      outputs.map((output, i) =>
        output.type === 'display_data' || output.type === 'execute_result'
          ? shownDisplay(output, choices[i])
          : null,
      ),
    [outputs, choices],
  );
  const urlOf = (shown: ShownDisplay) =>
    'blob' in shown.value
      ? source.blobUrl(shown.value.blob, needsText(shown) ? 'text/plain' : shown.mime)
      : null;
  const texts = useBlobTexts(
    displays.flatMap((shown) => (shown && needsText(shown) ? [urlOf(shown) ?? ''] : [])),
  );
  const ready = useMemo(
    () =>
      displays.map((shown) => {
        if (!shown) return null;
        if ('inline' in shown.value) return { text: textOf(shown.value.inline) };
        return { text: texts.get(source.blobUrl(shown.value.blob, 'text/plain')) };
      }),
    [displays, texts, source],
  );
  const active = useMemo(
    () =>
      displays.map((shown, i) => {
        const text = ready[i]?.text;
        return shown !== null && typeof text === 'string' && isActive(shown.viewer, text);
      }),
    [displays, ready],
  );
  const inFrame = useMemo(
    () =>
      displays.flatMap((shown, i): FrameOutput[] => {
        const text = ready[i]?.text;
        return active[i] && shown && typeof text === 'string' ? [{ mime: shown.mime, value: text }] : [];
      }),
    [displays, ready, active],
  );
  const frameAt = active.indexOf(true);
  const choose = (i: number) => (mime: string) => setChoices({ ...choices, [i]: mime });

  return (
    // A fieldset would announce a form.
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <div className={styles['outputs']} role="group" aria-label={label}>
      {outputs.map((output, i) => {
        const shown = displays[i] ?? null;
        if (active[i] && shown) {
          return (
            <div key={i === frameAt ? 'frame' : i} className={styles['output']}>
              <OutputMenu output={output} shown={shown} more={more?.(i)} onChoose={choose(i)} />
              {i === frameAt && <FrameOutputs outputs={inFrame} label={label} />}
            </div>
          );
        }
        return (
          <div key={i} className={styles['output']}>
            {(output.type !== 'error' || more) && (
              <OutputMenu output={output} shown={shown} more={more?.(i)} onChoose={choose(i)} />
            )}
            <OneOutput
              output={output}
              shown={shown}
              text={ready[i]?.text}
              url={shown ? urlOf(shown) : null}
              label={label}
            />
          </div>
        );
      })}
    </div>
  );
});

interface OneProps {
  readonly output: LiveOutput;
  readonly shown: ShownDisplay | null;
  /** undefined: on its way; null: could not be fetched. */
  readonly text: string | null | undefined;
  readonly url: string | null;
  readonly label: string;
}

function OneOutput({ output, shown, text, url, label }: OneProps) {
  switch (output.type) {
    case 'stream':
      return <StreamOutput output={output} />;
    case 'error':
      return <ErrorOutput ename={output.ename} evalue={output.evalue} traceback={output.traceback} />;
    case 'display_data':
    case 'execute_result':
      return shown ? <PageOutput shown={shown} text={text} url={url} label={label} /> : null;
    case 'unknown':
      return (
        <details>
          <summary className={styles['missing']}>An output of a kind that Cahier does not know</summary>
          <JsonTree value={output.raw} />
        </details>
      );
    default:
      return assertNever(output);
  }
}
