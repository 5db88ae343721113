"""git okstra: one ticket, several worktrees, nothing lost."""

__version__ = "0.1.0"
