import { describe, expect, it } from 'vitest';

import { aCamera, aVerdict } from '../testing/cameras';
import {
  districtsOf,
  filterCameras,
  NO_FILTER,
  visibleRows,
  type CameraFilter,
} from './cameraFilter';

const city = [
  aCamera(1),
  aCamera(17, { name: '첨단로 17단지', state: 'live' }),
  aCamera(171, { district: 'seo', district_name: '서구', district_name_en: 'Seo-gu' }),
  aCamera(5, {
    verdicts: { crime_prevention: aVerdict({ allowed: false, code: 'NO_AGREEMENT' }) },
  }),
];

function numbers(filter: Partial<CameraFilter>): number[] {
  return filterCameras(city, { ...NO_FILTER, ...filter }).map(({ number }) => number);
}

describe('filterCameras', () => {
  it.each<[string, Partial<CameraFilter>, number[]]>([
    ['everything', {}, [1, 17, 171, 5]],
    ['a name', { text: '첨단로' }, [17]],
    ['an English name in any case', { text: 'YONGBONG school' }, [1, 17, 171, 5]],
    ['words in any order', { text: '초등학교 용봉로' }, [1, 17, 171, 5]],
    ['a number, the exact one first', { text: '171' }, [171]],
    ['a number that others contain', { text: '17' }, [17, 171]],
    ['a site', { text: 'buk-0001' }, [1, 17, 171, 5]],
    ['a district', { district: 'seo' }, [171]],
    ['a state', { state: 'live' }, [17]],
    ['allowed only', { allowedFor: 'crime_prevention' }, [1, 17, 171]],
    ['a purpose without verdicts', { allowedFor: 'emergency_response' }, []],
    ['nothing', { text: '없는 카메라' }, []],
  ])('finds %s', (_, filter, expected) => {
    expect(numbers(filter)).toEqual(expected);
  });
});

describe('districtsOf', () => {
  it('names each district once', () => {
    expect(districtsOf(city).map(({ id }) => id)).toEqual(['buk', 'seo']);
  });
});

describe('visibleRows', () => {
  it.each([
    [0, 420, 1586, { first: 0, end: 16 }],
    [4200, 420, 1586, { first: 94, end: 116 }],
    [0, 420, 3, { first: 0, end: 3 }],
    [9999, 420, 3, { first: 3, end: 3 }],
    [0, 0, 0, { first: 0, end: 0 }],
  ])('scrolled to %i in a box of %i with %i rows', (top, height, count, expected) => {
    expect(visibleRows(top, height, 42, count)).toEqual(expected);
  });
});
