"""Simulated crypto venues: one exchange each over the simulator's matching engine, and one dialect to speak
to it.

`venue.py` is the exchange without a dialect; `server.py` listens on one port for all of them and tells them
apart by the host that the client meant, which stands first in the path.
"""
