/**
 * Cameras and verdicts for tests.
 * Never part of the built console.
 */
import type { CameraItem, Verdict } from '../api/types';

export function aVerdict(change: Partial<Verdict> = {}): Verdict {
  return {
    allowed: true,
    code: null,
    retry_at: null,
    valid_until: null,
    variant: 'raw',
    ...change,
  };
}

export function aCamera(number: number, change: Partial<CameraItem> = {}): CameraItem {
  return {
    id: `gj-buk-0001-${number}`,
    number,
    name: `용봉로 초등학교 앞 ${number}`,
    name_en: `Yongbong-ro school ${number}`,
    site: 'buk-0001',
    site_name: '용봉로 초등학교 앞',
    site_name_en: 'Yongbong-ro school',
    district: 'buk',
    district_name: '북구',
    district_name_en: 'Buk-gu',
    location: null,
    state: 'idle',
    state_since: null,
    purposes: ['crime_prevention'],
    verdicts: { crime_prevention: aVerdict() },
    ...change,
  };
}
