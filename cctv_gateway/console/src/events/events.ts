/**
 * The gateway's server-sent events as a typed union, and the parsing of one message.
 * Connecting and reconnecting belong in `EventStream.ts`.
 */
import type { components } from '../api/schema';

type Schemas = components['schemas'];

type Payloads = {
  'camera.state': Schemas['CameraStateEvent'];
  'view.cut': Schemas['ViewCutEvent'];
  'rules.changed': Schemas['RulesChangedEvent'];
  'config.status': Schemas['ConfigStatusEvent'];
  'discovery.changed': Schemas['DiscoveryChangedEvent'];
  ping: Schemas['PingEvent'];
};

export type EventName = keyof Payloads;
export type GatewayEvent = { [N in EventName]: { name: N; data: Payloads[N] } }[EventName];
export type CutEvent = Payloads['view.cut'];

/** Which fields must be text for the event to be believed. */
const REQUIRED: Record<EventName, readonly string[]> = {
  'camera.state': ['camera', 'state', 'since'],
  'view.cut': ['view_id', 'camera', 'code', 'message', 'message_ko', 'at'],
  'rules.changed': ['revision'],
  'config.status': ['state', 'revision'],
  'discovery.changed': ['scan_id', 'state'],
  ping: ['now'],
};

export const EVENT_NAMES = Object.keys(REQUIRED) as EventName[];

/** The event, or null when the text is not what the gateway would send. */
export function parseEvent(name: EventName, text: string): GatewayEvent | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof data !== 'object' || data === null) return null;
  const fields = data as Record<string, unknown>;
  if (!REQUIRED[name].every((field) => typeof fields[field] === 'string')) return null;
  return { name, data } as GatewayEvent;
}
