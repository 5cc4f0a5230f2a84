/** Says aloud where one has come by a button: a slider that has the focus says so itself. */
import { useEffect, useState } from 'react';

/** Several presses in a row are said once. */
const restMs = 500;

export function MomentSaid({ words, isPlaying }: { readonly words: string; readonly isPlaying: boolean }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (isPlaying) return;
    const timer = setTimeout(() => {
      const isSaidBySlider = document.activeElement?.getAttribute('role') === 'slider';
      setSaid(isSaidBySlider ? '' : words);
    }, restMs);
    return () => clearTimeout(timer);
  }, [words, isPlaying]);
  return (
    <output className="visually-hidden" aria-label="Moment shown">
      {said}
    </output>
  );
}
