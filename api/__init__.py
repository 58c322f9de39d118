"""Doors: HTTP, live stream, command line, settings, texts."""
