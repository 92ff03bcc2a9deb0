"""`python -m fixgate` is the `fixgate` command."""

from fixgate.cli import main

main()
