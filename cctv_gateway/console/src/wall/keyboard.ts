/**
 * What a key means on the wall.
 * Keys typed into a field or aimed at the camera list never come here.
 */
import type { Wall, WallAction } from './wall';

export type KeyMeaning = WallAction | { kind: 'search' } | null;

export function meaningOf(key: string, wall: Wall): KeyMeaning {
  switch (key) {
    case '1':
      return { kind: 'layout', layout: 1 };
    case '4':
      return { kind: 'layout', layout: 4 };
    case '9':
      return { kind: 'layout', layout: 9 };
    case 'ArrowLeft':
      return { kind: 'move', direction: 'left' };
    case 'ArrowRight':
      return { kind: 'move', direction: 'right' };
    case 'ArrowUp':
      return { kind: 'move', direction: 'up' };
    case 'ArrowDown':
      return { kind: 'move', direction: 'down' };
    case 'Enter':
      return { kind: 'focus', tile: wall.focused === null ? wall.selected : null };
    case 'Escape':
      return { kind: 'focus', tile: null };
    case 'Delete':
    case 'Backspace':
      return { kind: 'clear', tile: wall.selected };
    case '/':
      return { kind: 'search' };
    default:
      return null;
  }
}
