/**
 * What travels when a camera or a tile is dragged onto a tile.
 * Where it lands is a step of `wall.ts`.
 */
export type Dragged = { kind: 'camera'; camera: string } | { kind: 'tile'; tile: number };

const TYPE = 'application/x-cctv';

export function carry(transfer: DataTransfer, dragged: Dragged): void {
  transfer.setData(TYPE, JSON.stringify(dragged));
  transfer.effectAllowed = 'move';
}

export function carriesOurs(transfer: DataTransfer): boolean {
  return transfer.types.includes(TYPE);
}

export function dropped(transfer: DataTransfer): Dragged | null {
  const text = transfer.getData(TYPE);
  if (text === '') return null;
  try {
    return JSON.parse(text) as Dragged;
  } catch {
    return null;
  }
}
