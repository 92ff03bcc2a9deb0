"""The composition root: the only room that knows every other.

Importing it imports nothing else: the gateway takes seconds to import, and not every command needs it.
"""
