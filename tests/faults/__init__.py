"""Real faults: the server as it runs, killed, cut off, out of disk, without its database. Then all is there once."""
