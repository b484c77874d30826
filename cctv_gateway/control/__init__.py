"""Rules, decisions, the sessions that live by them, and the audit of it all."""
