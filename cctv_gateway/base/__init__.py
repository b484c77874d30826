"""What every room may use: clock, errors, tasks, backoff, redaction, counters."""
