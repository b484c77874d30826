"""Repeatable benchmarks behind `cctv-gateway bench`; each measures the whole product."""
