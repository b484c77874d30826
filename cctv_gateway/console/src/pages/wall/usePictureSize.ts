/**
 * The size of a video's picture as the decoder sees it; it changes with the quality.
 * What the size is used for belongs to the tile.
 */
import { useEffect, useState, type RefObject } from 'react';

export type PictureSize = { width: number; height: number };

export function usePictureSize(video: RefObject<HTMLVideoElement | null>): PictureSize | null {
  const [size, setSize] = useState<PictureSize | null>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return undefined;
    const look = () => {
      const { videoWidth: width, videoHeight: height } = element;
      // Without a picture the last shape is kept, so that nothing jumps while it reconnects.
      if (width > 0 && height > 0) setSize({ width, height });
    };
    element.addEventListener('resize', look);
    return () => {
      element.removeEventListener('resize', look);
    };
  }, [video]);
  return size;
}
