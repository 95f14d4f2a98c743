// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState, type RefObject } from 'react';

export interface Sight {
  /** It has been in sight, or about to be. */
  seen: boolean;
  now: boolean;
}

/** Whether the element is in sight or close to it: what nobody looks at is not asked for. */
export function useSight<T extends Element>(): [RefObject<T>, Sight] {
  const ref = useRef<T>(null);
  const [sight, setSight] = useState<Sight>({ seen: false, now: false });
  useEffect(() => {
    const node = ref.current;
    if (!node) return undefined;
    const watch = new IntersectionObserver((entries) => {
      const now = entries[entries.length - 1]?.isIntersecting ?? false;
      setSight((old) => (old.now === now ? old : { seen: old.seen || now, now }));
    }, { rootMargin: '120px' });
    watch.observe(node);
    return () => watch.disconnect();
  }, []);
  return [ref, sight];
}
