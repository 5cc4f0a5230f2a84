/** Pictures. SVG also comes as a picture, never as nodes: a script in it cannot run. */
import type { JsonObject } from '@cahier/base/json.ts';
import { isJsonObject } from '@cahier/base/json.ts';
import { useEffect, useState } from 'react';
import styles from './outputs.module.css';

interface Props {
  readonly url: string;
  readonly mime: string;
  readonly metadata: JsonObject;
  readonly alt: string;
}

export function ImageOutput({ url, mime, metadata, alt }: Props) {
  const [isBroken, setIsBroken] = useState(false);
  const [isLarge, setIsLarge] = useState(false);
  const { width, height } = sizeOf(metadata, mime);
  if (isBroken) return <p className={styles['missing']}>This picture cannot be shown.</p>;
  return (
    <button
      type="button"
      className={styles['imageButton']}
      aria-label={`${alt} (${isLarge ? 'fit to the page' : 'full size'})`}
      onClick={() => setIsLarge(!isLarge)}
    >
      <img
        src={url}
        alt={alt}
        width={width}
        height={height}
        loading="lazy"
        decoding="async"
        className={isLarge ? styles['imageLarge'] : styles['image']}
        onError={() => setIsBroken(true)}
      />
    </button>
  );
}

/** Source of an SVG as a picture's address; freed when the text changes. */
export function useSvgUrl(svg: string | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (svg === null) return;
    const made = URL.createObjectURL(new Blob([withNamespace(svg)], { type: 'image/svg+xml' }));
    // The address is an outside resource that ends with this effect.
    // oxlint-disable-next-line react/set-state-in-effect
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [svg]);
  return url;
}

/** `IPython.display.SVG` accepts text without the namespace that a picture needs. */
function withNamespace(svg: string): string {
  return /<svg[^>]*\sxmlns\s*=/i.test(svg)
    ? svg
    : svg.replace(/<svg\b/i, '<svg xmlns="http://www.w3.org/2000/svg"');
}

function sizeOf(metadata: JsonObject, mime: string): { width?: number; height?: number } {
  const own = metadata[mime];
  const from = isJsonObject(own) ? own : metadata;
  const width = from['width'];
  const height = from['height'];
  return {
    ...(typeof width === 'number' && width > 0 ? { width } : {}),
    ...(typeof height === 'number' && height > 0 ? { height } : {}),
  };
}
