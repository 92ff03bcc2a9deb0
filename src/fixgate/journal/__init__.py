"""The journal: what was taken in, and what was decided, durable before anything is promised."""
