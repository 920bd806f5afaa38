"""The server: what an inspection is and may become. Every write goes the one way of docs/architecture.md."""
