"""The engine: (state, input) -> facts and effects. No clock, no socket, no thread.

Time and journal numbers are arguments. The same inputs give the same facts.
"""
