/**
 * Ties a `TileSession` to a tile of the page: starts it, feeds it with cuts, closes it.
 * Every decision about the view is made in `wall/TileSession.ts`.
 */
import { useEffect, useRef, useState, type RefObject } from 'react';

import type { CameraState, Quality } from '../../api/types';
import { browserTimers } from '../../base/time';
import { useGateway, useStreamState, type Gateway } from '../../session/Gateway';
import type { Ground } from '../../session/Work';
import { TileSession, type TilePorts, type TileSnapshot } from '../../wall/TileSession';
import type { TileContent } from '../../wall/wall';
import { WhepPlayer } from '../../whep/WhepPlayer';

const AWAY: ReadonlySet<CameraState> = new Set(['connecting', 'backoff', 'auth_failed', 'faulted']);

const BEGINNING: TileSnapshot = { status: { kind: 'requesting' }, view: null };

type Surroundings = {
  quality: Quality;
  cameraState: CameraState | null;
  /** The list's verdict for the tile's purpose; null while it is unknown. */
  allowed: boolean | null;
};

export type TileView = { snapshot: TileSnapshot; tryAgain: (ground?: Ground) => void };

export function useTileSession(
  content: TileContent,
  video: RefObject<HTMLVideoElement | null>,
  { quality, cameraState, allowed }: Surroundings,
): TileView {
  const gateway = useGateway();
  const [snapshot, setSnapshot] = useState(BEGINNING);
  const session = useRef<TileSession | null>(null);
  const around = useRef({ quality, cameraState });
  const { camera, purpose, incident, reason } = content;
  const stream = useStreamState();

  useEffect(() => {
    around.current = { quality, cameraState };
    session.current?.select(quality);
  }, [quality, cameraState]);

  useEffect(() => {
    session.current?.onVerdict(allowed);
  }, [allowed]);

  useEffect(() => {
    if (stream === 'open') session.current?.hurry();
  }, [stream]);

  useEffect(() => {
    if (video.current === null) return undefined;
    const request = {
      camera,
      purpose,
      incident: incident ?? null,
      reason: reason ?? null,
      quality: around.current.quality,
    };
    const isAway = () => {
      const state = around.current.cameraState;
      return state !== null && AWAY.has(state);
    };
    const opened = new TileSession(request, video.current, portsOf(gateway, isAway), setSnapshot);
    session.current = opened;
    opened.start();
    return endingOf(opened, gateway);
  }, [gateway, video, camera, purpose, incident, reason]);

  return {
    snapshot,
    tryAgain: (ground) => {
      session.current?.tryAgain(ground);
    },
  };
}

/** Hears cuts until the tile goes; the view ends with the tile and with the page. */
function endingOf(session: TileSession, gateway: Gateway): () => void {
  const deaf = gateway.onCut((event) => {
    session.onCut(event);
  });
  const close = () => {
    session.close(gateway.client.endsViews);
  };
  window.addEventListener('pagehide', close);
  return () => {
    window.removeEventListener('pagehide', close);
    deaf();
    close();
  };
}

function portsOf({ client, clock }: Gateway, cameraIsAway: () => boolean): TilePorts {
  return {
    openView: (request) => client.openView(request),
    closeView: (viewId) => client.closeView(viewId),
    setQuality: (viewId, quality) => client.setQuality(viewId, quality),
    makePlayer: (whepUrl, listener) => new WhepPlayer(whepUrl, BROWSER, listener),
    cameraIsAway,
    serverNow: () => clock.now(),
    timers: browserTimers,
    random: Math.random,
  };
}

const BROWSER = {
  createPeer: () => new RTCPeerConnection(),
  fetch: (...request: Parameters<typeof fetch>) => fetch(...request),
  timers: browserTimers,
};
