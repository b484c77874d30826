/**
 * A peer connection and a video element for tests: they do what the test says and nothing more.
 * Never part of the built console.
 */
import type { VideoSink } from './WhepPlayer';

type Listener = () => void;

export class FakePeer {
  readonly kinds: string[] = [];
  readonly receiver: Record<string, unknown> = {};
  readonly transport = {
    state: 'connected',
    listeners: [] as Listener[],
    addEventListener: (_: string, listener: Listener): void => {
      this.transport.listeners.push(listener);
    },
  };
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  connectionState = 'new';
  ontrack: ((event: { track: unknown }) => void) | null = null;
  onconnectionstatechange: Listener | null = null;
  closed = false;
  framesDecoded = 0;
  refusesAnswer = false;

  addTransceiver(kind: string, init: RTCRtpTransceiverInit): { receiver: object } {
    this.kinds.push(`${kind} ${init.direction ?? ''}`);
    return { receiver: this.receiver };
  }

  createOffer(): Promise<RTCSessionDescriptionInit> {
    return Promise.resolve({ type: 'offer', sdp: 'v=0 offer' });
  }

  setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.localDescription = description;
    return Promise.resolve();
  }

  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (this.refusesAnswer) return Promise.reject(new DOMException('bad', 'InvalidAccessError'));
    this.remoteDescription = description;
    return Promise.resolve();
  }

  getReceivers(): object[] {
    return [{ transport: this.transport }];
  }

  getStats(): Promise<Map<string, object>> {
    const video = { type: 'inbound-rtp', kind: 'video', framesDecoded: this.framesDecoded };
    return Promise.resolve(new Map<string, object>([['in', video]]));
  }

  close(): void {
    this.closed = true;
  }

  connect(state = 'connected'): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  closeTransport(): void {
    this.transport.state = 'closed';
    for (const listener of this.transport.listeners) listener();
  }
}

export class FakeVideo {
  srcObject: MediaProvider | null = null;
  #callbacks = new Map<number, () => void>();
  #next = 1;

  play(): Promise<void> {
    return Promise.resolve();
  }

  requestVideoFrameCallback(callback: () => void): number {
    this.#next += 1;
    this.#callbacks.set(this.#next, callback);
    return this.#next;
  }

  cancelVideoFrameCallback(id: number): void {
    this.#callbacks.delete(id);
  }

  /** One picture reaches the screen. */
  paint(): void {
    const callbacks = [...this.#callbacks.values()];
    this.#callbacks.clear();
    for (const callback of callbacks) callback();
  }

  get waiting(): number {
    return this.#callbacks.size;
  }

  get sink(): VideoSink {
    return this as unknown as VideoSink;
  }
}
