"""Access units of one stream, from its source to all who subscribed."""
