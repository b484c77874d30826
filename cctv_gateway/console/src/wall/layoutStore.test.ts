import { describe, expect, it } from 'vitest';

import { loadWall, saveWall } from './layoutStore';
import { EMPTY_WALL, type Wall } from './wall';

class MemoryStorage implements Storage {
  #items = new Map<string, string>();
  length = 0;
  clear = (): void => {
    this.#items.clear();
  };
  getItem = (key: string): string | null => this.#items.get(key) ?? null;
  key = (): null => null;
  removeItem = (key: string): void => {
    this.#items.delete(key);
  };
  setItem = (key: string, value: string): void => {
    this.#items.set(key, value);
  };
}

const wall: Wall = {
  ...EMPTY_WALL,
  layout: 9,
  tiles: EMPTY_WALL.tiles.with(5, {
    camera: 'gj-1',
    purpose: 'emergency_response',
    incident: '112-2026-0077',
    reason: '실종 아동',
  }),
};

describe('layoutStore', () => {
  it('remembers layout, cameras and purposes, and never a reason or an incident', () => {
    const storage = new MemoryStorage();
    saveWall(storage, 'key', wall);
    expect(storage.getItem('key')).not.toMatch(/112-2026|실종/);
    const loaded = loadWall(storage, 'key', ['emergency_response']);
    expect(loaded.layout).toBe(9);
    expect(loaded.tiles[5]).toEqual({ camera: 'gj-1', purpose: 'emergency_response' });
  });

  it('forgets tiles whose purpose the role no longer has', () => {
    const storage = new MemoryStorage();
    saveWall(storage, 'key', wall);
    expect(loadWall(storage, 'key', ['crime_prevention']).tiles[5]).toBeNull();
  });

  it.each([
    '',
    'null',
    '[]',
    '{"version":1}',
    '{"version":1,"layout":5,"tiles":[]}',
    '{"version":9',
  ])('begins with an empty wall when %j is stored', (text) => {
    const storage = new MemoryStorage();
    storage.setItem('key', text);
    expect(loadWall(storage, 'key', [])).toEqual(EMPTY_WALL);
  });

  it('works without a usable storage', () => {
    const storage = new MemoryStorage();
    storage.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    expect(() => {
      saveWall(storage, 'key', wall);
    }).not.toThrow();
  });
});
