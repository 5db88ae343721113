"""The rules, pure: data in, decision with reasons out. No clock, file, process or environment."""
