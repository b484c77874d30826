/**
 * Believable data for looking at the console without a gateway: a city of 1,586 cameras.
 * Development only; never part of the build.
 */
import type {
  AuditRecord,
  CameraItem,
  CameraState,
  ConfigStatus,
  Finding,
  Me,
  Purpose,
  Verdict,
} from '../src/api/types';

const DISTRICTS = [
  { id: 'buk', ko: '북구', en: 'Buk-gu', roads: ['용봉로', '첨단연신로', '설죽로', '우치로'] },
  { id: 'gwangsan', ko: '광산구', en: 'Gwangsan-gu', roads: ['수완로', '임방울대로', '하남대로'] },
  { id: 'seo', ko: '서구', en: 'Seo-gu', roads: ['상무대로', '시청로', '운천로'] },
  { id: 'nam', ko: '남구', en: 'Nam-gu', roads: ['봉선로', '백운로', '제석로'] },
  { id: 'dong', ko: '동구', en: 'Dong-gu', roads: ['금남로', '충장로', '서석로'] },
];
const PLACES = [
  '초등학교 앞',
  '사거리',
  '시장 입구',
  '정류장',
  '공영주차장',
  '우체국 앞',
  '아파트 정문',
];
const PLACES_EN = ['school', 'crossing', 'market', 'bus stop', 'car park', 'post office', 'flats'];
const STATES: CameraState[] = [
  'live',
  'idle',
  'idle',
  'live',
  'idle',
  'backoff',
  'idle',
  'connecting',
];

export const now = (): Date => new Date();

export function at(hour: number, dayOffset = 0): string {
  const day = new Date(now().getTime() + 9 * 3_600_000 + dayOffset * 86_400_000);
  const date = day.toISOString().slice(0, 10);
  return new Date(`${date}T${String(hour).padStart(2, '0')}:00:00+09:00`).toISOString();
}

function camera(index: number): CameraItem {
  const district = DISTRICTS[index % DISTRICTS.length] ?? DISTRICTS[0];
  if (district === undefined) throw new Error('there are districts');
  const site = Math.floor(index / 15);
  const road = district.roads[site % district.roads.length] ?? '';
  const place = (site * 3 + index) % PLACES.length;
  const unit = (Math.floor(index / 5) % 3) + 1;
  const siteId = `${district.id}-${String(site + 1).padStart(4, '0')}`;
  const state =
    index % 97 === 40 ? 'auth_failed' : index % 131 === 60 ? 'faulted' : STATES[index % 8];
  return {
    id: `gj-${siteId}-${unit}`,
    number: index + 1,
    name: `${road} ${PLACES[place] ?? ''} ${unit}`,
    name_en: `${district.en} ${road} ${PLACES_EN[place] ?? ''} ${unit}`,
    site: siteId,
    site_name: `${road} ${PLACES[place] ?? ''}`,
    site_name_en: `${road} ${PLACES_EN[place] ?? ''}`,
    district: district.id,
    district_name: district.ko,
    district_name_en: district.en,
    location: { lat: 35.15 + (index % 37) / 500, lon: 126.85 + (index % 53) / 500 },
    state: state ?? 'idle',
    state_since: now().toISOString(),
    purposes: [],
    verdicts: {},
  };
}

const CITY = Array.from({ length: 1586 }, (_, index) => camera(index));

function allowed(valid_until: string | null, masked = false): Verdict {
  const variant = masked ? 'masked' : 'raw';
  return { allowed: true, code: null, retry_at: null, valid_until, variant };
}

function denied(code: NonNullable<Verdict['code']>, retry_at: string | null = null): Verdict {
  return { allowed: false, code, retry_at, valid_until: null, variant: null };
}

export function verdictOf(item: CameraItem, purpose: Purpose): Verdict {
  if (purpose === 'emergency_response') return denied('NO_INCIDENT');
  if (purpose === 'parking_enforcement') return allowed(at(20), true);
  if (item.district === 'dong') return denied('NO_AGREEMENT');
  if (item.district === 'nam' && item.number % 4 === 0) return denied('PURPOSE_NOT_REGISTERED');
  if (item.district === 'gwangsan') return denied('OUT_OF_WINDOW', at(20));
  return item.district === 'seo' ? allowed(at(23)) : allowed(null);
}

export function camerasFor(role: string, purpose: Purpose | null): CameraItem[] {
  const purposes = purpose === null ? [] : [purpose];
  return CITY.filter((item) => role !== 'parking_officer' || item.district === 'buk').map(
    (item) => ({
      ...item,
      purposes,
      verdicts: Object.fromEntries(purposes.map((one) => [one, verdictOf(item, one)])),
    }),
  );
}

export function cameraById(id: string): CameraItem | undefined {
  return CITY.find((item) => item.id === id);
}

const CENTER = {
  agency: 'control_center',
  agency_name: '통합관제센터',
  agency_name_en: 'Control center',
};
const BUK = { agency: 'buk', agency_name: '북구', agency_name_en: 'Buk-gu' };
const CITY_HALL = { agency: 'city_hall', agency_name: '광주광역시청', agency_name_en: 'City hall' };

const ROLES: Record<string, Me['roles'][number]> = {
  operator: {
    role: 'control_operator',
    kind: 'control_operator',
    name: '관제요원',
    name_en: 'Control operator',
    ...CENTER,
    purposes: ['crime_prevention', 'emergency_response'],
  },
  officer: {
    role: 'parking_officer',
    kind: 'parking_officer',
    name: '단속 담당',
    name_en: 'Parking officer',
    ...BUK,
    purposes: ['parking_enforcement'],
  },
  registrar: {
    role: 'camera_registrar',
    kind: 'camera_registrar',
    name: '등록 담당',
    name_en: 'Camera registrar',
    ...BUK,
    purposes: ['maintenance'],
  },
  privacy: {
    role: 'privacy_officer',
    kind: 'privacy_officer',
    name: '보호책임자',
    name_en: 'Privacy officer',
    ...CITY_HALL,
    purposes: [],
  },
  admin: {
    role: 'system_admin',
    kind: 'system_admin',
    name: '시스템 관리자',
    name_en: 'System admin',
    ...CITY_HALL,
    purposes: [],
  },
};

const PEOPLE: Record<string, { name: string; name_en: string; roles: string[] }> = {
  operator: { name: '이관제', name_en: 'Lee Gwanje', roles: ['operator'] },
  kim: { name: '김단속', name_en: 'Kim Dansok', roles: ['officer'] },
  registrar: { name: '박등록', name_en: 'Park Deungnok', roles: ['registrar'] },
  privacy: { name: '최보호', name_en: 'Choi Boho', roles: ['privacy'] },
  admin: { name: '정관리', name_en: 'Jeong Gwalli', roles: ['admin'] },
  both: { name: '한겸직', name_en: 'Han Gyeomjik', roles: ['officer', 'registrar'] },
};

export function personOf(account: string): Me | null {
  const person = PEOPLE[account];
  if (person === undefined) return null;
  const roles = person.roles.flatMap((id) => ROLES[id] ?? []);
  const { name, name_en } = person;
  return { account, name, name_en, roles, active: null, csrf: 'mock', now: now().toISOString() };
}

export const ACCOUNTS = Object.entries(PEOPLE).map(([id, { name, name_en }]) => ({
  id,
  name,
  name_en,
  roles: personOf(id)?.roles.map(({ role, agency }) => `${role}@${agency}`) ?? [],
  disabled: false,
}));

export const CONFIG: ConfigStatus = {
  state: 'refused',
  revision: 'r-20261123-7c1d90ab42',
  loaded_at: at(8),
  cameras: 1586,
  problems: [
    {
      file: 'cameras.yaml',
      line: 412,
      column: 7,
      code: 'UNKNOWN_KEY',
      message: "Unknown key 'purpose' in camera gj-buk-0123-1.",
      message_ko: "카메라 gj-buk-0123-1에 알 수 없는 항목 'purpose'가 있습니다.",
      fix: "Write 'purposes'.",
      fix_ko: "'purposes'로 고쳐 주세요.",
      severity: 'error',
    },
    {
      file: 'cameras.yaml',
      line: 1288,
      column: 15,
      code: 'DUPLICATE_NUMBER',
      message: 'Number 17 is already used by gj-seo-0007-2 (line 903).',
      message_ko: '번호 17은 gj-seo-0007-2(903행)에서 이미 쓰고 있습니다.',
      fix: 'Choose a free number from 1587.',
      fix_ko: '1587 이상의 빈 번호를 써 주세요.',
      severity: 'error',
    },
  ],
};

const VENDORS = [
  ['한화비전', 'XNP-6400RW', '1.41.05'],
  ['아이디스', 'DC-S6283HRX', '5.2.1'],
  ['Hikvision', 'DS-2DF8225IX', '5.7.13'],
];

export const FINDINGS: Finding[] = Array.from({ length: 14 }, (_, index) => {
  const [vendor = '', model = '', firmware = ''] = VENDORS[index % 3] ?? [];
  const failed = index % 5 === 3;
  const reasons = ['WRONG_PASSWORD', 'UNREACHABLE', 'CLOCK_SKEW'];
  return {
    id: `f-${index}`,
    state: failed ? 'failed' : index % 4 === 0 ? 'registered' : 'new',
    reason_code: failed ? (reasons[index % 3] ?? 'OTHER') : null,
    vendor,
    model: failed ? '' : model,
    firmware: failed ? '' : firmware,
    serial: failed ? '' : `ZKR270${String(4100 + index * 37)}`,
    hardware: failed ? '' : 'PTZ-2M-30X',
    scopes_name: failed ? '' : `설죽로 ${index + 1}`,
    profiles: failed
      ? []
      : [
          { token: 'main', encoding: 'H264', width: 1920, height: 1080, fps: 15 },
          { token: 'sub', encoding: 'H264', width: 640, height: 360, fps: 15 },
        ],
    clock_offset_s: failed ? null : index % 3 === 2 ? 63.4 : 0.2 * index - 0.8,
    auth: failed ? '' : index % 2 === 0 ? 'http-digest' : 'ws-token',
    ptz: !failed && index % 2 === 0,
    seen_at: now().toISOString(),
  };
});

const EVENTS: [string, string | null][] = [
  ['view.opened', null],
  ['view.closed', 'VIEWER_CLOSED'],
  ['view.denied', 'NO_AGREEMENT'],
  ['view.opened', null],
  ['view.closed', 'OUT_OF_WINDOW'],
  ['role.chosen', null],
  ['login', null],
];

export const RECORDS: AuditRecord[] = Array.from({ length: 240 }, (_, index) => {
  const [event, code] = EVENTS[index % EVENTS.length] ?? ['login', null];
  const seq = 18240 - index;
  const isView = event.startsWith('view');
  const watched = CITY[(index * 37) % CITY.length];
  return {
    seq,
    at: new Date(now().getTime() - index * 47_000).toISOString(),
    event,
    account: index % 3 === 0 ? 'kim' : 'operator',
    role: index % 3 === 0 ? 'parking_officer' : 'control_operator',
    agency: index % 3 === 0 ? 'buk' : 'control_center',
    camera: isView ? (watched?.id ?? null) : null,
    purpose: isView ? (index % 3 === 0 ? 'parking_enforcement' : 'crime_prevention') : null,
    view_id: isView ? `v-${seq}` : null,
    code,
    details: event === 'view.closed' ? { held_s: 12 + index } : {},
    hash: (BigInt(seq) * 0x9e3779b97f4a7c15n).toString(16).padEnd(64, '7'),
  };
});
