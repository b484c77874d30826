/**
 * Which cameras a list shows for a search and its filters, and which of them fit on the screen.
 * Pure; drawing belongs in `pages/wall/CameraList.tsx`.
 */
import type { CameraItem, CameraState, Purpose } from '../api/types';

export type CameraFilter = {
  text: string;
  district: string | null;
  state: CameraState | null;
  /** Only cameras whose verdict for the purpose is "allowed" right now. */
  allowedFor: Purpose | null;
};

export const NO_FILTER: CameraFilter = { text: '', district: null, state: null, allowedFor: null };

/** Every word of the text must be found; a bare number finds the camera of that number first. */
export function filterCameras(
  cameras: readonly CameraItem[],
  { text, district, state, allowedFor }: CameraFilter,
): CameraItem[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = cameras.filter(
    (camera) =>
      (district === null || camera.district === district) &&
      (state === null || camera.state === state) &&
      (allowedFor === null || camera.verdicts[allowedFor]?.allowed === true) &&
      words.every((word) => searchText(camera).includes(word)),
  );
  const number = words.length === 1 ? Number(words[0]) : NaN;
  const exact = found.findIndex((camera) => camera.number === number);
  if (exact > 0) found.unshift(...found.splice(exact, 1));
  return found;
}

const texts = new WeakMap<CameraItem, string>();

function searchText(camera: CameraItem): string {
  let text = texts.get(camera);
  if (text === undefined) {
    const { id, number, name, name_en, site, site_name, site_name_en } = camera;
    text = [id, number, name, name_en, site, site_name, site_name_en].join(' ').toLowerCase();
    texts.set(camera, text);
  }
  return text;
}

export type District = { id: string; name: string; name_en: string };

export function districtsOf(cameras: readonly CameraItem[]): District[] {
  const found = new Map<string, District>();
  for (const { district, district_name, district_name_en } of cameras) {
    found.set(district, { id: district, name: district_name, name_en: district_name_en });
  }
  return [...found.values()];
}

export type Range = { first: number; end: number };

/** The rows of fixed height that a scrolled box shows, with some more on both sides. */
export function visibleRows(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
  spare = 6,
): Range {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return { first: Math.min(first, end), end };
}
