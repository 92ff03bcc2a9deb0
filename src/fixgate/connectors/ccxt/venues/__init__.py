"""One translator for each venue: the file of an exchange's name has it as `TRANSLATOR`."""
