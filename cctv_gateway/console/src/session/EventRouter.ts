/**
 * Carries events into the cached answers, so that every page shows news without asking for it.
 * Cuts are handed on as they are; connecting belongs in `events/EventStream.ts`.
 */
import type { QueryClient } from '@tanstack/react-query';

import type { CameraItem } from '../api/types';
import type { Cancel, Timers } from '../base/time';
import type { CutEvent, GatewayEvent } from '../events/events';
import type { StreamState } from '../events/EventStream';
import { withStates, type StateChange } from './cameraCache';
import { keys } from './queryKeys';
import type { ServerClock } from './serverClock';

/** A district's line may drop with 300 cameras at once; the list is drawn once for all of them. */
const BATCH_MS = 150;

export class EventRouter {
  #changes = new Map<string, StateChange>();
  #cancel: Cancel | null = null;
  #wasLost = false;

  constructor(
    private readonly queries: QueryClient,
    private readonly clock: ServerClock,
    private readonly timers: Timers,
    private readonly onCut: (event: CutEvent) => void,
  ) {}

  take(event: GatewayEvent): void {
    switch (event.name) {
      case 'camera.state':
        this.#changes.set(event.data.camera, event.data);
        this.#cancel ??= this.timers.later(BATCH_MS, () => {
          this.#applyStates();
        });
        return;
      case 'view.cut':
        this.onCut(event.data);
        this.#stale(keys.allCameras);
        this.#stale(keys.views);
        return;
      case 'rules.changed':
        this.#stale(keys.allCameras);
        this.#stale(keys.config);
        this.#stale(keys.me);
        return;
      case 'config.status':
        this.#stale(keys.config);
        return;
      case 'discovery.changed':
        this.#stale(keys.discovery);
        return;
      case 'ping':
        this.clock.set(event.data.now);
    }
  }

  /** After a gap anything may have changed; while lost, `me` tells whether the login still holds. */
  connection(state: StreamState): void {
    if (state === 'lost') {
      this.#wasLost = true;
      this.#stale(keys.me);
    } else if (state === 'open' && this.#wasLost) {
      this.#wasLost = false;
      void this.queries.invalidateQueries();
    }
  }

  close(): void {
    this.#cancel?.();
  }

  #applyStates(): void {
    this.#cancel = null;
    const changes = this.#changes;
    this.#changes = new Map();
    this.queries.setQueriesData<CameraItem[]>({ queryKey: keys.allCameras }, (cameras) =>
      cameras === undefined ? undefined : withStates(cameras, changes),
    );
  }

  #stale(key: readonly string[]): void {
    void this.queries.invalidateQueries({ queryKey: key });
  }
}
