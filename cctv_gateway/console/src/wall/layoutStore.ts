/**
 * Remembers a wall per account and role in the browser: cameras and purposes, nothing else.
 * Reasons and incident numbers are personal data of a case and are never written.
 */
import type { Purpose } from '../api/types';
import {
  advanced,
  EMPTY_WALL,
  LAYOUTS,
  TILES,
  type Layout,
  type TileContent,
  type Wall,
} from './wall';

const VERSION = 1;

export function wallKey(account: string, role: string, agency: string): string {
  return `cctv.wall.${account}.${role}@${agency}`;
}

export function saveWall(storage: Storage, key: string, wall: Wall): void {
  const tiles = wall.tiles.map((tile) => tile && { camera: tile.camera, purpose: tile.purpose });
  try {
    storage.setItem(key, JSON.stringify({ version: VERSION, layout: wall.layout, tiles }));
  } catch {
    // A full or forbidden storage costs the memory of the layout, not the work.
  }
}

/** The remembered wall, without purposes that the role no longer has. */
export function loadWall(storage: Storage, key: string, purposes: readonly Purpose[]): Wall {
  const saved = parse(storage.getItem(key));
  if (saved === null) return EMPTY_WALL;
  const tiles = Array.from({ length: TILES }, (_, index) => {
    const tile = toTile(saved.tiles[index]);
    return tile !== null && purposes.includes(tile.purpose) ? tile : null;
  });
  return advanced({ ...EMPTY_WALL, layout: saved.layout, tiles });
}

function parse(text: string | null): { layout: Layout; tiles: unknown[] } | null {
  if (text === null) return null;
  try {
    const saved = JSON.parse(text) as Record<string, unknown> | null;
    const layout = LAYOUTS.find((known) => known === saved?.layout);
    const tiles = saved?.tiles;
    const usable = saved?.version === VERSION && layout !== undefined && Array.isArray(tiles);
    return usable ? { layout, tiles } : null;
  } catch {
    return null;
  }
}

function toTile(value: unknown): TileContent | null {
  if (typeof value !== 'object' || value === null) return null;
  const { camera, purpose } = value as Record<string, unknown>;
  if (typeof camera !== 'string' || typeof purpose !== 'string') return null;
  return { camera, purpose: purpose as Purpose };
}
