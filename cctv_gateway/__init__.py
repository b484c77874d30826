"""The CCTV sharing gateway: one city's cameras, two kinds of use, never mixed.

The package's rooms are described in docs/architecture.md. Nothing but the version belongs here.
"""

__version__ = "0.1.0"
