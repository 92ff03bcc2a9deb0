"""The gateway as a process, killed again and again under load, and compared with its clients and its venue.

`python -m tests.crash --kills 200 --seed 7` runs many kills; the suite runs a few.
"""
