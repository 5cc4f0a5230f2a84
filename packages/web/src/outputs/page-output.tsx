/** One display output in the page itself: everything here is sanitised, a picture, or text. */
import type { Json } from '@cahier/base/json.ts';
import { useEffect, useMemo, useState } from 'react';
import { AnsiText } from './ansi-text.tsx';
import { Foldable } from './foldable.tsx';
import { ImageOutput, useSvgUrl } from './image-output.tsx';
import { JsonTree } from './json-tree.tsx';
import { LatexOutput } from './latex-output.tsx';
import styles from './outputs.module.css';
import { RichHtml } from './rich-html.tsx';
import type { ShownDisplay } from './shown-output.ts';
import { LongText } from './stream-output.tsx';

interface Props {
  readonly shown: ShownDisplay;
  readonly text: string | null | undefined;
  readonly url: string | null;
  readonly label: string;
}

export function PageOutput({ shown, text, url, label }: Props) {
  if (shown.viewer === 'image') {
    const address = url ?? `data:${shown.mime};base64,${text ?? ''}`;
    return (
      <ImageOutput url={address} mime={shown.mime} metadata={shown.metadata} alt={altOf(shown, label)} />
    );
  }
  if (shown.viewer === 'pdf') return <PdfOutput url={url} base64={text ?? ''} />;
  if (shown.viewer === null) {
    return <p className={styles['missing']}>There is no view for “{shown.mime}” here.</p>;
  }
  if (text === undefined) return <p className={styles['waiting']}>Fetching the output…</p>;
  if (text === null) return <p className={styles['missing']}>This output could not be fetched.</p>;
  switch (shown.viewer) {
    case 'html':
    case 'markdown':
      return (
        <Foldable>
          <RichHtml source={text} kind={shown.viewer} />
        </Foldable>
      );
    case 'latex':
      return <LatexOutput source={text} />;
    case 'svg':
      return <SvgOutput svg={text} shown={shown} label={label} />;
    case 'json':
      return <JsonOutput shown={shown} text={text} />;
    case 'text':
    case 'frame':
      return (
        <div className={styles['text']}>
          {text.length > 4_000 ? (
            <LongText text={text} />
          ) : (
            <pre>
              <AnsiText text={text} />
            </pre>
          )}
        </div>
      );
  }
}

function SvgOutput({ svg, shown, label }: { svg: string; shown: ShownDisplay; label: string }) {
  const url = useSvgUrl(svg);
  if (url === null) return null;
  return <ImageOutput url={url} mime={shown.mime} metadata={shown.metadata} alt={altOf(shown, label)} />;
}

function JsonOutput({ shown, text }: { shown: ShownDisplay; text: string }) {
  const value = useMemo((): Json => {
    if ('inline' in shown.value && typeof shown.value.inline !== 'string') return shown.value.inline;
    try {
      const parsed: Json = JSON.parse(text);
      return parsed;
    } catch {
      return text;
    }
  }, [shown, text]);
  return <JsonTree value={value} />;
}

function PdfOutput({ url, base64 }: { readonly url: string | null; readonly base64: string }) {
  const [made, setMade] = useState<string | null>(null);
  useEffect(() => {
    if (url !== null || base64 === '') return;
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const address = URL.createObjectURL(new Blob([bytes], { type: 'application/pdf' }));
    // The address is an outside resource that ends with this effect.
    // oxlint-disable-next-line react/set-state-in-effect
    setMade(address);
    return () => URL.revokeObjectURL(address);
  }, [url, base64]);
  const address = url ?? made;
  if (address === null) return null;
  return (
    <a className={styles['pdf']} href={address} target="_blank" rel="noopener" download="output.pdf">
      Open the PDF
    </a>
  );
}

function altOf(shown: ShownDisplay, label: string): string {
  const alt = shown.metadata['alt'];
  return typeof alt === 'string' && alt !== '' ? alt : label.replace(/^Output/, 'Figure');
}
