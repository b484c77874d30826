/**
 * Reads from WebRTC statistics what the player needs: how many pictures were decoded so far.
 * Judging whether that is fresh belongs in `WhepPlayer.ts`.
 */

export type FrameCount = number;

export function freshestFrames(report: RTCStatsReport): FrameCount | null {
  let frames: FrameCount | null = null;
  report.forEach((entry: Record<string, unknown>) => {
    if (entry.type !== 'inbound-rtp' || entry.kind !== 'video') return;
    if (typeof entry.framesDecoded === 'number') frames = entry.framesDecoded;
  });
  return frames;
}
