"""Access units to JPEG pictures and to a masked variant, in a worker process of its own."""
