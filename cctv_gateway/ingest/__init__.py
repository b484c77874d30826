"""From a camera's RTSP stream to access units on our own timeline, one supervised pull a stream.

Nothing here knows viewers, hubs, rules or decoders.
"""
