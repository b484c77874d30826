"""Hosts ingest, hub and publish, and gives the rest of the gateway one narrow door to them."""
