"""Everything that touches git or starts a process. dulwich and subprocess are imported on this floor alone."""
