/**
 * The further facts of a record as one line of words, the most telling first.
 * What a fact means is fixed by the gateway; unknown ones are shown by their name.
 */
import type { AuditRecord } from '../../api/types';
import type { I18n } from '../../i18n/i18n';

const ORDER = ['held_ms', 'case', 'reason', 'terminal', 'rule', 'detail', 'revision'];
/** Said already by the event itself. */
const IMPLIED = new Set(['action', 'decision', 'obligations']);

export function detailWords({ details }: Pick<AuditRecord, 'details'>, { word }: I18n): string {
  const rank = (name: string) => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);
  return Object.entries(details)
    .filter(([name, value]) => !IMPLIED.has(name) && value !== null && value !== '')
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, value]) => `${word('detail', name)} ${valueWords(name, value)}`)
    .join(' · ');
}

function valueWords(name: string, value: string | number | boolean | null): string {
  if (name === 'held_ms') return durationWords(Number(value));
  // Long hashes are told apart by their beginning.
  return String(value).replace(/\b([0-9a-f]{8})[0-9a-f]{8,}\b/g, '$1…');
}

/** `15.6 s`, `4:05`, `2:03:40` */
export function durationWords(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  const two = (part: number) => String(part).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
