"""The FIX door: FIX 4.4 text to commands, reports to FIX 4.4 text, and the acceptor that carries both.

`decode`, `encode` and `wire` are pure and do not import the FIX engine; `acceptor.FixDoor` is the shell.
"""
