/**
 * Who is watching, for what and when, written across the picture so that a photo of the screen tells.
 * The text comes from the gateway; only the running clock is added here.
 */
import { useId, type ReactNode } from 'react';

import { fullTime } from '../../i18n/time';
import { useNow } from '../../session/useNow';
import styles from './Tile.module.css';

export function Watermark({ text }: { text: string }): ReactNode {
  const now = useNow(1000);
  const id = useId();
  return (
    <div className={styles.watermark} data-testid="tile-watermark">
      <svg width="100%" height="100%" aria-hidden="true">
        <defs>
          <pattern
            id={id}
            width="420"
            height="150"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(-16)"
          >
            <text x="10" y="48">
              {text}
            </text>
            <text x="200" y="123">
              {text}
            </text>
          </pattern>
        </defs>
        <rect width="100%" height="100%" fill={`url(#${id})`} />
      </svg>
      <p className={styles.watcher}>
        {text} <span className="tabular">| {fullTime(now)}</span>
      </p>
    </div>
  );
}
