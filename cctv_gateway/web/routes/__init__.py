"""The HTTP routes, one module per screen or protocol; none of them decides about video."""
