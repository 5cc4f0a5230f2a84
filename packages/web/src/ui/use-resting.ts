import { useEffect, useState } from 'react';

const restMs = 120;

/** The last value that stayed for a moment: for what is dear to draw and of no use while somebody drags. */
export function useResting<T>(value: T): T {
  const [resting, setResting] = useState<{ readonly value: T }>({ value });
  useEffect(() => {
    const timer = setTimeout(() => setResting({ value }), restMs);
    return () => clearTimeout(timer);
  }, [value]);
  return resting.value;
}
