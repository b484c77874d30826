/**
 * One tile's view from the request to its end: opens it, plays it, reconnects after mishaps.
 * After a refusal or a cut by law it waits for its hour or a person; no React belongs in here.
 */
import type { Result } from '../api/result';
import type { OpenedView, OpenViewRequest, Quality } from '../api/types';
import { backoffMs, LONGEST_TIMER_MS, type Cancel, type Timers } from '../base/time';
import type { CutEvent } from '../events/events';
import type { PlayerState, VideoSink } from '../whep/WhepPlayer';
import { isTechnical } from './reasons';

export type Refusal = {
  code: string;
  message: string;
  messageKo: string;
  at: Date;
  retryAt: Date | null;
};

export type TileStatus =
  | { kind: 'requesting' }
  | { kind: 'connecting' }
  | { kind: 'live'; firstFrameMs: number }
  | { kind: 'frozen' }
  | { kind: 'reconnecting'; code: string; attempt: number }
  | { kind: 'denied'; refusal: Refusal } // no view was opened
  | { kind: 'cut'; refusal: Refusal } // a running view was ended
  | { kind: 'closed' };

export type TileSnapshot = { status: TileStatus; view: OpenedView | null };

export type PlayerLike = {
  readonly attached: boolean;
  start: (video: VideoSink) => Promise<void>;
  close: (gone?: boolean) => void;
};

export type TilePorts = {
  openView: (request: OpenViewRequest) => Promise<Result<OpenedView>>;
  closeView: (viewId: string) => Promise<unknown>;
  setQuality: (viewId: string, quality: Quality) => Promise<unknown>;
  makePlayer: (whepUrl: string, listener: (state: PlayerState) => void) => PlayerLike;
  /** True while the camera itself is known to be away: a new view would not help. */
  cameraIsAway: () => boolean;
  serverNow: () => Date;
  timers: Timers;
  random: () => number;
};

const STABLE_MS = 20_000;
const NO_PICTURE_LIMIT_MS = 20_000;
/** A lost picture may be the first sign of a cut whose reason is still on its way. */
const SHORTEST_RETRY_MS = 700;
const SPREAD_MS = 2000;

export class TileSession {
  #ports: TilePorts;
  #request: OpenViewRequest;
  #video: VideoSink;
  #changed: (snapshot: TileSnapshot) => void;
  #snapshot: TileSnapshot = { status: { kind: 'requesting' }, view: null };
  #player: PlayerLike | null = null;
  #epoch = 0;
  #failures = 0;
  #liveSinceMs: number | null = null;
  #allowed: boolean | null = null;
  #timer: Cancel = () => undefined;

  constructor(
    request: OpenViewRequest,
    video: VideoSink,
    ports: TilePorts,
    changed: (snapshot: TileSnapshot) => void,
  ) {
    this.#request = request;
    this.#video = video;
    this.#ports = ports;
    this.#changed = changed;
  }

  get snapshot(): TileSnapshot {
    return this.#snapshot;
  }

  start(): void {
    // The next turn, so that a tile that is taken away at once asks for nothing.
    this.#timer = this.#ports.timers.later(0, () => {
      this.#open();
    });
  }

  /** A person asks again, perhaps with the ground that was missing. */
  tryAgain(ground: Pick<OpenViewRequest, 'incident' | 'reason'> = {}): void {
    if (this.#snapshot.status.kind === 'closed') return;
    this.#request = { ...this.#request, ...ground };
    this.#failures = 0;
    this.#drop();
    this.#open();
  }

  /** What the camera list says by now: a refusal that has ended, such as a pause, is asked again. */
  onVerdict(allowed: boolean | null): void {
    const lifted = this.#allowed === false && allowed === true;
    this.#allowed = allowed;
    const { kind } = this.#snapshot.status;
    if (lifted && (kind === 'denied' || kind === 'cut')) this.#openSoon();
  }

  /** The gateway is back: nobody waits for the rest of a long backoff. */
  hurry(): void {
    if (this.#snapshot.status.kind === 'reconnecting') this.#openSoon();
  }

  select(quality: Quality): void {
    if (this.#request.quality === quality) return;
    this.#request = { ...this.#request, quality };
    const view = this.#snapshot.view;
    if (view !== null) void this.#ports.setQuality(view.view_id, quality);
  }

  /** The gateway says that a view was cut; other tiles' views are none of our business. */
  onCut(event: CutEvent): void {
    const { view, status } = this.#snapshot;
    if (view?.view_id !== event.view_id || status.kind === 'closed') return;
    this.#drop(true);
    if (isTechnical(event.code)) {
      this.#retry(event.code);
      return;
    }
    this.#refuse('cut', {
      code: event.code,
      message: event.message,
      messageKo: event.message_ko,
      at: new Date(event.at),
      retryAt: dateOrNull((event as { retry_at?: string | null }).retry_at),
    });
  }

  /** `gone` says that the gateway ends the view by itself. */
  close(gone = false): void {
    this.#drop(gone);
    this.#enter({ kind: 'closed' }, null);
  }

  #open(): void {
    this.#epoch += 1;
    this.#enter({ kind: 'requesting' }, null);
    void this.#ask(this.#epoch);
  }

  async #ask(epoch: number): Promise<void> {
    const result = await this.#ports.openView(this.#request);
    if (epoch !== this.#epoch) {
      if (result.kind === 'ok') void this.#ports.closeView(result.value.view_id);
      return;
    }
    switch (result.kind) {
      case 'ok':
        this.#play(result.value, epoch);
        return;
      case 'denied': {
        const { code, detail, detail_ko, retry_at } = result.problem;
        this.#refuse('denied', {
          code,
          message: detail,
          messageKo: detail_ko,
          at: this.#ports.serverNow(),
          retryAt: dateOrNull(retry_at),
        });
        return;
      }
      case 'failed':
        this.#retry(result.failure.code);
    }
  }

  #play(view: OpenedView, epoch: number): void {
    this.#enter({ kind: 'connecting' }, view);
    this.#player = this.#ports.makePlayer(view.whep_url, (state) => {
      if (epoch === this.#epoch) this.#onPlayer(state);
    });
    this.#limitWaiting();
    void this.#player.start(this.#video);
  }

  #onPlayer(state: PlayerState): void {
    const { view } = this.#snapshot;
    switch (state.kind) {
      case 'playing':
        this.#timer();
        this.#liveSinceMs ??= this.#ports.timers.nowMs();
        this.#enter({ kind: 'live', firstFrameMs: state.firstFrameMs }, view);
        return;
      case 'frozen':
        this.#enter({ kind: 'frozen' }, view);
        this.#limitWaiting();
        return;
      case 'failed':
        this.#retry(state.failure);
        return;
      case 'idle':
      case 'offering':
      case 'connecting':
      case 'closed':
    }
  }

  #limitWaiting(): void {
    this.#timer();
    this.#timer = this.#ports.timers.later(NO_PICTURE_LIMIT_MS, () => {
      if (this.#ports.cameraIsAway()) this.#limitWaiting();
      else this.#retry('NO_PICTURE');
    });
  }

  #retry(code: string): void {
    const { timers, random } = this.#ports;
    const stable = this.#liveSinceMs !== null && timers.nowMs() - this.#liveSinceMs > STABLE_MS;
    this.#failures = stable ? 1 : this.#failures + 1;
    const { view } = this.#snapshot;
    this.#drop();
    // The old view stays known, so that a cut that comes late still finds this tile.
    this.#enter({ kind: 'reconnecting', code, attempt: this.#failures }, view);
    const delayMs = Math.max(SHORTEST_RETRY_MS, backoffMs(this.#failures, random()));
    this.#timer = timers.later(delayMs, () => {
      this.#open();
    });
  }

  #refuse(kind: 'denied' | 'cut', refusal: Refusal): void {
    this.#failures = 0;
    this.#enter({ kind, refusal }, null);
    if (refusal.retryAt === null) return;
    const waitMs = refusal.retryAt.getTime() - this.#ports.serverNow().getTime();
    if (waitMs > LONGEST_TIMER_MS) return;
    this.#openSoon(Math.max(0, waitMs) + 1000);
  }

  /** Spread out: the wall's tiles must not all ask in the same instant. */
  #openSoon(delayMs = 0): void {
    this.#timer();
    this.#timer = this.#ports.timers.later(delayMs + SPREAD_MS * this.#ports.random(), () => {
      this.#open();
    });
  }

  /** Ends the player, the timers and whatever answer is still on its way. */
  #drop(gone = false): void {
    this.#epoch += 1;
    this.#timer();
    this.#liveSinceMs = null;
    const player = this.#player;
    this.#player = null;
    if (player === null) return;
    const { view } = this.#snapshot;
    const unknownToMedia = !player.attached;
    player.close(gone);
    if (!gone && unknownToMedia && view !== null) void this.#ports.closeView(view.view_id);
  }

  #enter(status: TileStatus, view: OpenedView | null): void {
    this.#snapshot = { status, view };
    this.#changed(this.#snapshot);
  }
}

function dateOrNull(text: string | null | undefined): Date | null {
  return text === null || text === undefined ? null : new Date(text);
}
