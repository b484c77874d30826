import { describe, expect, it } from 'vitest';

import { meaningOf } from './keyboard';
import { EMPTY_WALL, stepWall, type TileContent, type Wall, type WallAction } from './wall';

const content = (camera: string): TileContent => ({ camera, purpose: 'crime_prevention' });

function after(wall: Wall, ...actions: WallAction[]): Wall {
  return actions.reduce(stepWall, wall);
}

function cameras(wall: Wall): string {
  return wall.tiles.map((tile) => tile?.camera ?? '.').join('');
}

const place = (camera: string): WallAction => ({ kind: 'placeSelected', content: content(camera) });

describe('placing', () => {
  it('fills the selected tile and moves on to the next empty one', () => {
    const wall = after(EMPTY_WALL, place('a'), place('b'));
    expect(cameras(wall)).toBe('ab.......');
    expect(wall.selected).toBe(2);
  });

  it('goes on in reading order, and from the last tile to the first', () => {
    const started = after(EMPTY_WALL, { kind: 'select', tile: 2 }, place('a'));
    expect(started.selected).toBe(3);
    const dropped = after(started, { kind: 'place', tile: 3, content: content('b') });
    expect(dropped.selected).toBe(0);
    expect(cameras(after(dropped, place('c')))).toBe('c.ab.....');
  });

  it('replaces the selected tile when all are full', () => {
    const full = after(EMPTY_WALL, place('a'), place('b'), place('c'), place('d'));
    expect(full.selected).toBe(3);
    expect(cameras(after(full, place('e')))).toBe('abce.....');
  });

  it('selects a camera that is on the wall already', () => {
    const wall = after(EMPTY_WALL, place('a'), place('b'), place('a'));
    expect(cameras(wall)).toBe('ab.......');
    expect(wall.selected).toBe(0);
  });

  it('takes a dropped camera from its old tile', () => {
    const wall = after(EMPTY_WALL, place('a'), { kind: 'place', tile: 3, content: content('a') });
    expect(cameras(wall)).toBe('...a.....');
  });

  it('ignores tiles that are not shown', () => {
    const action: WallAction = { kind: 'place', tile: 4, content: content('a') };
    expect(stepWall(EMPTY_WALL, action)).toBe(EMPTY_WALL);
  });

  it('keeps the focus on the tile that is replaced', () => {
    const focused = after(EMPTY_WALL, place('a'), { kind: 'focus', tile: 0 });
    expect(after(focused, place('b'))).toMatchObject({ focused: 0, selected: 0 });
  });
});

describe('layout', () => {
  const four = after(EMPTY_WALL, place('a'), place('b'), place('c'));

  it.each([
    [9, 'abc......', 3],
    [4, 'abc......', 3],
  ] as const)('keeps the cameras in %i tiles', (layout, expected, selected) => {
    const wall = after(four, { kind: 'layout', layout });
    expect(cameras(wall)).toBe(expected);
    expect(wall.selected).toBe(selected);
  });

  it('shows the selected camera when only one tile is left', () => {
    const wall = after(four, { kind: 'select', tile: 1 }, { kind: 'layout', layout: 1 });
    expect(cameras(wall)).toBe('bac......');
    expect(wall.selected).toBe(0);
  });

  it('keeps hidden cameras for the way back', () => {
    const nine = after(four, { kind: 'layout', layout: 9 });
    const wall = after(nine, { kind: 'layout', layout: 4 }, { kind: 'layout', layout: 9 });
    expect(cameras(wall)).toBe('abc......');
  });
});

describe('moving', () => {
  it.each([
    ['right', 0, 1],
    ['down', 0, 2],
    ['left', 0, 0],
    ['up', 3, 1],
    ['right', 1, 1],
    ['down', 2, 2],
  ] as const)('%s from %i leads to %i', (direction, from, to) => {
    const wall = after(EMPTY_WALL, { kind: 'select', tile: from }, { kind: 'move', direction });
    expect(wall.selected).toBe(to);
  });
});

describe('focus, clearing, swapping', () => {
  const two = after(EMPTY_WALL, place('a'), place('b'));

  it('focuses filled tiles only', () => {
    expect(after(two, { kind: 'focus', tile: 1 })).toMatchObject({ focused: 1, selected: 1 });
    expect(after(two, { kind: 'focus', tile: 3 }).focused).toBeNull();
  });

  it('leaves the focus when its tile is cleared', () => {
    const wall = after(two, { kind: 'focus', tile: 0 }, { kind: 'clear', tile: 0 });
    expect(wall.focused).toBeNull();
    expect(cameras(wall)).toBe('.b.......');
  });

  it('swaps two tiles and selects the target', () => {
    const wall = after(two, { kind: 'swap', from: 0, to: 3 });
    expect(cameras(wall)).toBe('.b.a.....');
    expect(wall.selected).toBe(3);
  });

  it('closes all tiles but keeps the layout', () => {
    const wall = after(two, { kind: 'layout', layout: 9 }, { kind: 'clearAll' });
    expect(wall).toEqual({ ...EMPTY_WALL, layout: 9, before: two.tiles });
  });

  it('brings back what was closed until something else is placed', () => {
    const closed = after(two, { kind: 'clearAll' });
    expect(after(closed, { kind: 'restore' })).toMatchObject({ tiles: two.tiles, before: null });
    const replaced = after(closed, { kind: 'placeSelected', content: content('c') });
    expect(replaced.before).toBeNull();
  });
});

describe('keys', () => {
  it.each([
    ['9', { kind: 'layout', layout: 9 }],
    ['ArrowUp', { kind: 'move', direction: 'up' }],
    ['Enter', { kind: 'focus', tile: 0 }],
    ['Escape', { kind: 'focus', tile: null }],
    ['Delete', { kind: 'clear', tile: 0 }],
    ['/', { kind: 'search' }],
    ['x', null],
  ])('%s', (key, meaning) => {
    expect(meaningOf(key, EMPTY_WALL)).toEqual(meaning);
  });

  it('Enter leaves the focus again', () => {
    expect(meaningOf('Enter', { ...EMPTY_WALL, focused: 2 })).toEqual({
      kind: 'focus',
      tile: null,
    });
  });
});
