/**
 * The gateway's time for components that show it, drawn again at a given pace.
 * Formatting belongs in `i18n/time.ts`.
 */
import { useEffect, useState } from 'react';

import { useGateway } from './Gateway';

export function useNow(everyMs: number): Date {
  const { clock } = useGateway();
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(clock.now());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [clock, everyMs]);
  return now;
}
