/**
 * Plays one WHEP endpoint in one video element and tells in which state it is, until `close()`.
 * Asking for a view, retrying and every legal question belong to its owner (`wall/TileSession.ts`).
 */
import type { Cancel, Timers } from '../base/time';
import { freshestFrames, type FrameCount } from './stats';

export type PlayerFailure =
  | 'REFUSED' // the endpoint answered with an error
  | 'UNREACHABLE' // the endpoint did not answer
  | 'BAD_ANSWER' // the answer could not be applied
  | 'NO_CONNECTION' // no media path came up in time
  | 'CONNECTION_LOST'; // the media path broke or was closed by the gateway

export type PlayerState =
  | { kind: 'idle' }
  | { kind: 'offering' } // the offer is on its way
  | { kind: 'connecting' } // answered; no picture yet
  | { kind: 'playing'; firstFrameMs: number }
  | { kind: 'frozen'; sinceMs: number } // the path stands, but no new picture arrives
  | { kind: 'failed'; failure: PlayerFailure }
  | { kind: 'closed' };

export type VideoSink = Pick<
  HTMLVideoElement,
  'srcObject' | 'play' | 'requestVideoFrameCallback' | 'cancelVideoFrameCallback'
>;

export type PlayerPorts = {
  createPeer: () => RTCPeerConnection;
  fetch: typeof fetch;
  timers: Timers;
};

const CONNECT_LIMIT_MS = 10_000;
const FROZEN_AFTER_MS = 3_000;
const LOOK_EVERY_MS = 1_000;
const HANG_UP_LIMIT_MS = 2_000;
/** A little more than one frame at 15 fps: smooth on a local network without a visible delay. */
const JITTER_TARGET_MS = 80;

export class WhepPlayer {
  #endpoint: string;
  #ports: PlayerPorts;
  #listener: (state: PlayerState) => void;
  #state: PlayerState = { kind: 'idle' };
  #peer: RTCPeerConnection | null = null;
  #video: VideoSink | null = null;
  #resource: string | null = null;
  #attached = false;
  #postedMs = 0;
  #firstFrameMs: number | null = null;
  #lastFrameMs = 0;
  #frames: FrameCount | null = null;
  #frameCallback = 0;
  #cancels: Cancel[] = [];

  constructor(endpoint: string, ports: PlayerPorts, listener: (state: PlayerState) => void) {
    this.#endpoint = endpoint;
    this.#ports = ports;
    this.#listener = listener;
  }

  get state(): PlayerState {
    return this.#state;
  }

  /** Milliseconds from the WHEP POST to the first picture on the screen. */
  get firstFrameMs(): number | null {
    return this.#firstFrameMs;
  }

  /** Whether the gateway has ever known this player; if not, its view is still unused. */
  get attached(): boolean {
    return this.#attached;
  }

  async start(video: VideoSink): Promise<void> {
    if (this.#state.kind !== 'idle')
      throw new Error(`a player starts once, not ${this.#state.kind}`);
    this.#enter({ kind: 'offering' });
    this.#video = video;
    try {
      await this.#negotiate();
    } catch {
      this.#fail('BAD_ANSWER');
    }
  }

  /**
   * Ends everything at once, and takes the picture off the screen. Safe to call twice.
   * `gone` says that the gateway has ended the view already, so that there is nothing to DELETE.
   */
  close(gone = false): void {
    if (this.#state.kind === 'closed') return;
    this.#end({ kind: 'closed' }, gone);
  }

  async #negotiate(): Promise<void> {
    const peer = this.#openPeer();
    await peer.setLocalDescription(await peer.createOffer());
    const offer = peer.localDescription?.sdp;
    if (this.#ended() || offer === undefined) return;
    // The gateway is ICE-lite and learns our address from the checks: no candidate is waited for.
    const answer = await this.#exchange(offer);
    if (answer === null) return;
    await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    if (this.#ended()) return;
    this.#enter({ kind: 'connecting' });
    this.#watch(peer);
  }

  #openPeer(): RTCPeerConnection {
    const peer = this.#ports.createPeer();
    this.#peer = peer;
    // Video only: the console never asks for sound.
    const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' });
    aimLow(receiver);
    peer.ontrack = ({ track }) => {
      this.#show(track);
    };
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === 'failed' || peer.connectionState === 'closed') {
        this.#fail('CONNECTION_LOST');
      }
    };
    return peer;
  }

  async #exchange(offer: string): Promise<string | null> {
    this.#postedMs = this.#ports.timers.nowMs();
    let response: Response;
    try {
      response = await this.#ports.fetch(this.#endpoint, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp', Accept: 'application/sdp' },
        body: offer,
      });
    } catch {
      this.#fail('UNREACHABLE');
      return null;
    }
    if (response.status !== 201) {
      this.#fail('REFUSED');
      return null;
    }
    this.#resource = response.headers.get('Location');
    this.#attached = true;
    const answer = await response.text();
    if (!this.#ended()) return answer;
    await this.#hangUp();
    return null;
  }

  #show(track: MediaStreamTrack): void {
    const video = this.#video;
    if (this.#ended() || video === null) return;
    video.srcObject = new MediaStream([track]);
    // A rejected play() means that the element left the page; the state tells the rest.
    video.play().catch(() => undefined);
    this.#awaitFrame(video);
  }

  #awaitFrame(video: VideoSink): void {
    this.#frameCallback = video.requestVideoFrameCallback(() => {
      if (this.#ended()) return;
      this.#sawFrame();
      this.#awaitFrame(video);
    });
  }

  #sawFrame(): void {
    const now = this.#ports.timers.nowMs();
    this.#lastFrameMs = now;
    this.#firstFrameMs ??= now - this.#postedMs;
    if (this.#state.kind !== 'playing') {
      this.#enter({ kind: 'playing', firstFrameMs: this.#firstFrameMs });
    }
  }

  #watch(peer: RTCPeerConnection): void {
    // A DTLS close from the gateway shows here before ICE notices anything.
    const transport = peer.getReceivers()[0]?.transport;
    transport?.addEventListener('statechange', () => {
      if (transport.state === 'closed') this.#fail('CONNECTION_LOST', true);
      if (transport.state === 'failed') this.#fail('CONNECTION_LOST');
    });
    const { timers } = this.#ports;
    this.#cancels.push(
      timers.later(CONNECT_LIMIT_MS, () => {
        if (peer.connectionState !== 'connected') this.#fail('NO_CONNECTION');
      }),
      timers.every(LOOK_EVERY_MS, () => void this.#look(peer)),
    );
  }

  async #look(peer: RTCPeerConnection): Promise<void> {
    const frames = freshestFrames(await peer.getStats());
    if (this.#ended()) return;
    const now = this.#ports.timers.nowMs();
    // A hidden tab paints nothing, so the decoder's counter is the second witness.
    if (frames !== null && this.#frames !== null && frames > this.#frames) this.#lastFrameMs = now;
    this.#frames = frames;
    this.#judgeFreshness(now);
  }

  #judgeFreshness(now: number): void {
    if (this.#firstFrameMs === null) return;
    const stale = now - this.#lastFrameMs > FROZEN_AFTER_MS;
    if (stale && this.#state.kind === 'playing') {
      this.#enter({ kind: 'frozen', sinceMs: this.#lastFrameMs });
    } else if (!stale && this.#state.kind === 'frozen') {
      this.#enter({ kind: 'playing', firstFrameMs: this.#firstFrameMs });
    }
  }

  #fail(failure: PlayerFailure, gone = false): void {
    if (!this.#ended()) this.#end({ kind: 'failed', failure }, gone);
  }

  #end(state: PlayerState, gone: boolean): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
    this.#hide();
    const peer = this.#peer;
    this.#peer = null;
    if (peer !== null) {
      peer.ontrack = null;
      peer.onconnectionstatechange = null;
    }
    if (gone) this.#resource = null;
    this.#enter(state);
    // DELETE goes first: a path that closes before it would be recorded as a lost connection.
    void this.#hangUp().then(() => peer?.close());
  }

  #hide(): void {
    if (this.#video === null) return;
    this.#video.cancelVideoFrameCallback(this.#frameCallback);
    this.#video.srcObject = null;
    this.#video = null;
  }

  async #hangUp(): Promise<void> {
    if (this.#resource === null) return;
    const resource = this.#resource;
    this.#resource = null;
    const limit = AbortSignal.timeout(HANG_UP_LIMIT_MS);
    // keepalive lets it leave while the page is being closed; the gateway notices silence anyway.
    const options = { method: 'DELETE', keepalive: true, signal: limit };
    await this.#ports.fetch(resource, options).catch(() => undefined);
  }

  #ended(): boolean {
    return this.#state.kind === 'closed' || this.#state.kind === 'failed';
  }

  #enter(state: PlayerState): void {
    this.#state = state;
    this.#listener(state);
  }
}

function aimLow(receiver: RTCRtpReceiver): void {
  receiver.jitterBufferTarget = JITTER_TARGET_MS;
  // Older Chromium knows only this name, in seconds.
  (receiver as { playoutDelayHint?: number }).playoutDelayHint = JITTER_TARGET_MS / 1000;
}
