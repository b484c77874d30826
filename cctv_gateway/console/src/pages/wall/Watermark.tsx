/**
 * Who is watching, for what and when, written across the picture so that a photo of the screen tells.
 * The text comes from the gateway; only the running clock is added here.
 */
import { useId, type ReactNode } from 'react';

import { clockTime, day } from '../../i18n/time';
import { useNow } from '../../session/useNow';
import styles from './Tile.module.css';

/** As wide as the widest letter is in the watermark's size, so that the text never meets itself. */
const LETTER_PX = 10;
const GAP_PX = 60;
/** The text ends with the minute of opening; the line with the running clock does without it. */
const OPENED_AT = / · \d{4}-\d{2}-\d{2} \d{2}:\d{2}$/;

export function Watermark({ text }: { text: string }): ReactNode {
  const now = useNow(1000);
  const id = useId();
  const watcher = text.replace(OPENED_AT, '');
  const width = GAP_PX + LETTER_PX * text.length;
  return (
    <div className={styles.watermark} data-testid="tile-watermark">
      <svg width="100%" height="100%" aria-hidden="true">
        <defs>
          <pattern
            id={id}
            width={width}
            height="150"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(-16)"
          >
            <text x="10" y="48">
              {text}
            </text>
            {/* Twice, half a pattern apart: what one edge cuts off the other shows. */}
            <text x={10 + width / 2} y="123">
              {text}
            </text>
            <text x={10 - width / 2} y="123">
              {text}
            </text>
          </pattern>
        </defs>
        <rect width="100%" height="100%" fill={`url(#${id})`} />
      </svg>
      <p className={styles.watcher}>
        <span>{watcher}</span>
        <time className="tabular">
          <span className={styles.stamp}>{day(now)} </span>
          {clockTime(now)}
        </time>
      </p>
    </div>
  );
}
