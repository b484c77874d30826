/**
 * The few line icons of the console's buttons, drawn with the text's colour.
 * Signs that carry a state are in `Mark.tsx`.
 */
import type { ReactNode } from 'react';

const PATHS = {
  search: 'M7 2.500a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zm3.3 7.8 3.2 3.2',
  close: 'm4 4 8 8m0-8-8 8',
  enlarge: 'M9.5 2.500h4v4m-4 0 4-4m-7 11h-4v-4m4 0-4 4',
  shrink: 'M13.5 6.500h-4v-4m4 0-4 4m-7 3h4v4m-4 0 4-4',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.600M13 2.500v3h-3',
  logout: 'M6.5 2.500h-4v11h4M6 8h7.500m-3-3 3 3-3 3',
  shield: 'M8 1.8 13 3.500V8c0 3.2-2.2 5.3-5 6.200C5.2 13.3 3 11.2 3 8V3.500z',
  copy: 'M5.5 5.500h8v8h-8zM3.5 10.500h-1v-8h8v1',
  note: 'M3 2.500h10v8l-3 3H3zM5.5 6h5m-5 3h3',
  clock: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zm0 2.800V8l2.4 1.7',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** One, four or nine cells: what a layout button means without words. */
export function LayoutIcon({ columns }: { columns: number }): ReactNode {
  const cell = 12 / columns;
  const cells = Array.from({ length: columns * columns }, (_, index) => (
    <rect
      key={index}
      x={2 + (index % columns) * cell + 0.6}
      y={2 + Math.floor(index / columns) * cell + 0.6}
      width={cell - 1.2}
      height={cell - 1.2}
      fill="currentColor"
    />
  ));
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {cells}
    </svg>
  );
}
