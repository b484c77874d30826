"""Tables and repositories behind the Protocols that `control` declares."""
