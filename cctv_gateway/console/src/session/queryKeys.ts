/**
 * The names of the cached answers.
 * Who asks and how long an answer stays fresh is in `queries.ts`.
 */
import type { Purpose } from '../api/types';

export const keys = {
  me: ['me'],
  allCameras: ['cameras'],
  cameras: (purpose: Purpose | null) => ['cameras', purpose],
  views: ['views'],
  discovery: ['discovery'],
  config: ['config'],
  audit: ['audit'],
  accounts: ['accounts'],
} as const;
