/**
 * Small signs for states: every state has its own shape beside its colour.
 * What a state is called belongs to the dictionaries; a sign alone is never the only word.
 */
import type { ReactNode } from 'react';

export type MarkName =
  | 'idle'
  | 'fresh'
  | 'busy'
  | 'live'
  | 'warning'
  | 'locked'
  | 'broken'
  | 'allowed'
  | 'refused'
  | 'ended'
  | 'frozen';

const SHAPES: Record<MarkName, { color: string; shape: ReactNode }> = {
  fresh: {
    color: 'var(--accent)',
    shape: <path d="M6 1.500v9M1.5 6h9" stroke="currentColor" strokeWidth="2" fill="none" />,
  },
  idle: {
    color: 'var(--text-faint)',
    shape: <circle cx="6" cy="6" r="3.6" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  },
  busy: {
    color: 'var(--info)',
    shape: (
      <>
        <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M6 2a4 4 0 0 1 0 8z" fill="currentColor" />
      </>
    ),
  },
  live: { color: 'var(--good)', shape: <circle cx="6" cy="6" r="4.4" fill="currentColor" /> },
  warning: {
    color: 'var(--warn)',
    shape: <path d="M6 1.2 11.3 10.600H.7z" fill="currentColor" />,
  },
  locked: {
    color: 'var(--bad)',
    shape: (
      <path
        d="M3.6 5V3.800a2.4 2.4 0 0 1 4.8 0V5H10v6H2V5zm1.4 0h2V3.900a1 1 0 0 0-2 0z"
        fill="currentColor"
      />
    ),
  },
  broken: {
    color: 'var(--bad)',
    shape: <path d="m2 2 8 8m0-8-8 8" stroke="currentColor" strokeWidth="2.4" fill="none" />,
  },
  allowed: {
    color: 'var(--good)',
    shape: <path d="m1.8 6.4 2.9 3L10.4 3" stroke="currentColor" strokeWidth="1.9" fill="none" />,
  },
  refused: {
    color: 'var(--warn)',
    shape: (
      <path
        d="M6 1.500a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM2.9 2.900l6.2 6.2"
        stroke="currentColor"
        strokeWidth="1.5"
        fill="none"
      />
    ),
  },
  ended: {
    color: 'var(--warn)',
    shape: <rect x="1.8" y="1.8" width="8.4" height="8.4" fill="currentColor" />,
  },
  frozen: {
    color: 'var(--warn)',
    shape: <path d="M2.4 1.500h2.600v9H2.400zm4.6 0h2.600v9H7z" fill="currentColor" />,
  },
};

export function Mark({ name, size = 12 }: { name: MarkName; size?: number }): ReactNode {
  const { color, shape } = SHAPES[name];
  return (
    <svg
      viewBox="0 0 12 12"
      width={size}
      height={size}
      style={{ color, flex: 'none' }}
      aria-hidden="true"
    >
      {shape}
    </svg>
  );
}
