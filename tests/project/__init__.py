"""The project's own files: set-up, lock files, Makefile, CI, import rules and the benchmark."""
