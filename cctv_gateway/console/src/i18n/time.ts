/**
 * Times as people in the control room read them: Seoul time, 24 hours, whatever the browser's zone.
 * The gateway's clock itself is kept in `session/serverClock.ts`.
 */
const ZONE = 'Asia/Seoul';

const clockFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const minuteFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const dayFormat = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE });

/** `14:05:09` */
export function clockTime(at: Date): string {
  return clockFormat.format(at);
}

/** `14:05` */
export function minuteTime(at: Date): string {
  return minuteFormat.format(at);
}

/** `2026-11-23` */
export function day(at: Date): string {
  return dayFormat.format(at);
}

/** `2026-11-23 14:05:09` */
export function fullTime(at: Date): string {
  return `${day(at)} ${clockTime(at)}`;
}

/** `20:00` today, `11-24 08:00` this year, `2027-01-01` else: as short as it can be without doubt. */
export function nearTime(at: Date, now: Date): string {
  const [that, today] = [day(at), day(now)];
  if (that === today) return minuteTime(at);
  return that.slice(0, 4) === today.slice(0, 4) ? `${that.slice(5)} ${minuteTime(at)}` : that;
}

const NEAR_MS = 5 * 60_000;

/** `4:09` when less than five minutes are left, else null. */
export function countdown(until: Date, now: Date): string | null {
  const leftMs = until.getTime() - now.getTime();
  if (leftMs >= NEAR_MS) return null;
  const left = Math.max(0, Math.ceil(leftMs / 1000));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
}

const SOON_MS = 24 * 3_600_000;

/** A limit worth showing all day: one that comes within a day. */
export function isSoon(at: Date, now: Date): boolean {
  return at.getTime() - now.getTime() < SOON_MS;
}
