"""Connectors: what turns the unified model into a venue's language and back."""
