/**
 * Short names for the shapes that the gateway's OpenAPI document defines.
 * Nothing is declared by hand here: a shape that is missing belongs in the gateway's schemas.
 */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type RoleItem = Schemas['RoleItem'];
export type RoleChoice = Schemas['RoleChoice'];
export type LoginRequest = Schemas['LoginRequest'];
export type Purpose = Schemas['Purpose'];
export type Quality = Schemas['Quality'];
export type Variant = Schemas['Variant'];
export type CameraState = Schemas['CameraState'];
export type CameraItem = Schemas['CameraItem'];
export type CameraPage = Schemas['CameraPage'];
export type Verdict = Schemas['Verdict'];
export type OpenViewRequest = Schemas['OpenViewRequest'];
export type OpenedView = Schemas['OpenedViewBody'];
export type ViewList = Schemas['ViewList'];
export type Problem = Schemas['Problem'];
export type Discovery = Schemas['DiscoveryBody'];
export type Finding = Schemas['Finding'];
export type RegisterRequest = Schemas['RegisterRequest'];
export type AccountItem = Schemas['AccountItem'];
export type AccountList = Schemas['AccountList'];
export type ViewItem = Schemas['ViewItem'];
export type ConfigStatus = Schemas['ConfigBody'];
export type AuditRecord = Schemas['AuditItem'];
export type AuditPage = Schemas['AuditPage'];
export type AuditVerdict = Schemas['AuditVerdict'];
