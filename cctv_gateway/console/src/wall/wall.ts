/**
 * The wall as a value: which camera is in which tile, what is selected, what is in focus.
 * Pure steps only; playing belongs in `TileSession.ts`, remembering in `layoutStore.ts`.
 */
import type { Purpose } from '../api/types';

export const LAYOUTS = [1, 4, 9] as const;
export type Layout = (typeof LAYOUTS)[number];
export const TILES = 9;

/** What stands in a tile. `reason` and `incident` are never remembered beyond the session. */
export type TileContent = {
  camera: string;
  purpose: Purpose;
  incident?: string;
  reason?: string;
};

type Tiles = readonly (TileContent | null)[];

export type Wall = {
  layout: Layout;
  tiles: Tiles;
  selected: number;
  /** The tile that fills the wall for now, in main quality. */
  focused: number | null;
  /** What "close all" took away, until something else is placed. */
  before: Tiles | null;
};

export type Direction = 'left' | 'right' | 'up' | 'down';

export type WallAction =
  | { kind: 'layout'; layout: Layout }
  | { kind: 'select'; tile: number }
  | { kind: 'move'; direction: Direction }
  | { kind: 'place'; tile: number; content: TileContent }
  | { kind: 'placeSelected'; content: TileContent }
  | { kind: 'swap'; from: number; to: number }
  | { kind: 'clear'; tile: number }
  | { kind: 'clearAll' }
  | { kind: 'restore' }
  | { kind: 'focus'; tile: number | null };

export const EMPTY_WALL: Wall = {
  layout: 4,
  tiles: Array.from({ length: TILES }, () => null),
  selected: 0,
  focused: null,
  before: null,
};

export function stepWall(wall: Wall, action: WallAction): Wall {
  switch (action.kind) {
    case 'layout':
      return withLayout(wall, action.layout);
    case 'select':
      return isShown(wall, action.tile) ? { ...wall, selected: action.tile } : wall;
    case 'move':
      return moved(wall, action.direction);
    case 'place':
      return isShown(wall, action.tile)
        ? advanced(placed(wall, action.tile, action.content))
        : wall;
    case 'placeSelected':
      return placedAndAdvanced(wall, action.content);
    case 'swap':
      return swapped(wall, action.from, action.to);
    case 'clear':
      return cleared(wall, action.tile);
    case 'clearAll':
      return { ...EMPTY_WALL, layout: wall.layout, before: wall.tiles };
    case 'restore':
      return { ...wall, tiles: wall.before ?? wall.tiles, before: null };
    case 'focus':
      return focusedOn(wall, action.tile);
  }
}

export function columnsOf(layout: Layout): number {
  return Math.sqrt(layout);
}

function isShown(wall: Wall, tile: number): boolean {
  return Number.isInteger(tile) && tile >= 0 && tile < wall.layout;
}

function withLayout(wall: Wall, layout: Layout): Wall {
  if (layout === 1 && wall.selected !== 0) return onlySelected(wall);
  const selected = wall.selected < layout ? wall.selected : 0;
  return { ...wall, layout, selected, focused: null };
}

/** Going to one tile shows the selected camera; it trades places with the first. */
function onlySelected(wall: Wall): Wall {
  const traded = swapped(wall, wall.selected, 0);
  return { ...traded, layout: 1, selected: 0, focused: null };
}

function moved(wall: Wall, direction: Direction): Wall {
  if (wall.focused !== null) return wall;
  const columns = columnsOf(wall.layout);
  const row = Math.floor(wall.selected / columns);
  const column = wall.selected % columns;
  const nextRow = row + (direction === 'down' ? 1 : direction === 'up' ? -1 : 0);
  const nextColumn = column + (direction === 'right' ? 1 : direction === 'left' ? -1 : 0);
  const inside = Math.min(nextRow, nextColumn) >= 0 && Math.max(nextRow, nextColumn) < columns;
  return inside ? { ...wall, selected: nextRow * columns + nextColumn } : wall;
}

/** A camera stands on the wall once per purpose: placing it again takes it from its old tile. */
function placed(wall: Wall, tile: number, content: TileContent): Wall {
  const focused = wall.focused === tile ? wall.focused : null;
  const others = wall.tiles.map((old) => (old !== null && isSame(old, content) ? null : old));
  return { ...wall, tiles: others.with(tile, content), selected: tile, focused, before: null };
}

export function tileKey(content: TileContent): string {
  return `${content.camera}/${content.purpose}`;
}

function isSame(a: TileContent, b: TileContent): boolean {
  return tileKey(a) === tileKey(b);
}

/** Fills the selected tile and moves on to the next empty one, if there is any. */
function placedAndAdvanced(wall: Wall, content: TileContent): Wall {
  const shown = wall.tiles.slice(0, wall.layout);
  const already = shown.findIndex((tile) => tile !== null && isSame(tile, content));
  if (already >= 0) return { ...wall, selected: already };
  return advanced(placed(wall, wall.selected, content));
}

/** On to the next empty tile in reading order, so that the next camera replaces nothing. */
export function advanced(wall: Wall): Wall {
  if (wall.focused !== null) return wall;
  const empty = Array.from(
    { length: wall.layout },
    (_, step) => (wall.selected + step) % wall.layout,
  ).find((tile) => wall.tiles[tile] === null);
  return empty === undefined ? wall : { ...wall, selected: empty };
}

function swapped(wall: Wall, from: number, to: number): Wall {
  const [a, b] = [wall.tiles[from], wall.tiles[to]];
  if (a === undefined || b === undefined || from === to) return wall;
  return { ...wall, tiles: wall.tiles.with(from, b).with(to, a), selected: to };
}

function cleared(wall: Wall, tile: number): Wall {
  if (wall.tiles[tile] === undefined || wall.tiles[tile] === null) return wall;
  const focused = wall.focused === tile ? null : wall.focused;
  return { ...wall, tiles: wall.tiles.with(tile, null), focused };
}

function focusedOn(wall: Wall, tile: number | null): Wall {
  if (tile === null) return { ...wall, focused: null };
  const filled = isShown(wall, tile) && wall.tiles[tile] !== null;
  return filled ? { ...wall, selected: tile, focused: tile } : wall;
}
