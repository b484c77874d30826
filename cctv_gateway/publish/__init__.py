"""Access units of a stream, from its hub to browsers over WebRTC; knows viewers, never cameras."""
