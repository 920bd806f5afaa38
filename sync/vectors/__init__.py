"""The envelope's vectors: files that the Python and the TypeScript side both run, and what makes them."""
