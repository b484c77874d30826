/**
 * Stands in for RTCPeerConnection while the mock gateway answers: a drawn street, 15 pictures a second.
 * Development only; it knows just what `WhepPlayer` asks of a peer connection.
 */

function drawnStreet(): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  const shift = Math.random() * 640;
  const draw = () => {
    const time = performance.now() / 1000;
    context.fillStyle = '#59636b';
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = '#7f8a80';
    context.fillRect(0, 0, 640, 120);
    context.fillStyle = '#9a8f80';
    for (let i = 0; i < 6; i += 1) context.fillRect(i * 112 + 8, 20 + (i % 3) * 14, 90, 110);
    context.fillStyle = '#3d4347';
    context.fillRect(0, 190, 640, 130);
    context.fillStyle = '#c9c9c0';
    for (let i = 0; i < 8; i += 1) context.fillRect(i * 90, 252, 48, 5);
    const cars = ['#b7483c', '#d7d9da', '#2f5f8f', '#1e2327'];
    cars.forEach((color, i) => {
      const x = ((time * (40 + i * 22) + shift + i * 190) % 780) - 110;
      context.fillStyle = color;
      context.fillRect(x, 205 + (i % 2) * 62, 96, 34);
      context.fillRect(x + 18, 190 + (i % 2) * 62, 56, 20);
    });
  };
  draw();
  setInterval(draw, 66);
  const track = canvas.captureStream(15).getVideoTracks()[0];
  if (track === undefined) throw new Error('no track');
  return track;
}

class CanvasPeer {
  localDescription: RTCSessionDescriptionInit | null = null;
  connectionState = 'new';
  ontrack: ((event: { track: MediaStreamTrack }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  #track: MediaStreamTrack | null = null;

  addTransceiver(): { receiver: object } {
    return { receiver: {} };
  }

  createOffer(): Promise<RTCSessionDescriptionInit> {
    return Promise.resolve({ type: 'offer', sdp: 'v=0' });
  }

  setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.localDescription = description;
    return Promise.resolve();
  }

  setRemoteDescription(): Promise<void> {
    this.connectionState = 'connected';
    this.#track = drawnStreet();
    setTimeout(() => {
      if (this.#track !== null) this.ontrack?.({ track: this.#track });
    }, 300);
    return Promise.resolve();
  }

  getReceivers(): [] {
    return [];
  }

  getStats(): Promise<Map<string, unknown>> {
    return Promise.resolve(new Map<string, unknown>());
  }

  close(): void {
    this.connectionState = 'closed';
    this.#track?.stop();
  }
}

Object.assign(window, { RTCPeerConnection: CanvasPeer });
