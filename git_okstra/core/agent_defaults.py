"""How the agents that come with the program are started: the settings `agents.claude.command` and the like.

After the documentation of the clients; docs/decisions.md names the pages. Each is let edit files and commit, and
nothing else that it would have to ask for: nobody is there to answer.
"""

from __future__ import annotations

PROMPT = (
    "Read the file {brief} and do what it asks in this worktree. Change only the files that it lists, and commit all "
    "of it with git before you end. Nobody can answer questions."
)

COMMANDS: dict[str, tuple[str, ...]] = {
    # The prompt stands first: the options after it take as many values as there are.
    "claude": (
        "claude",
        "-p",
        PROMPT,
        "--permission-mode",
        "acceptEdits",
        "--allowedTools",
        "Bash(git add *)",
        "Bash(git rm *)",
        "Bash(git mv *)",
        "Bash(git commit *)",
        "Read(/{brief})",
    ),
    # A commit in a linked worktree writes to the common git directory, which the sandbox has to allow.
    "codex": (
        "codex",
        "exec",
        "--sandbox",
        "workspace-write",
        "--cd",
        "{worktree}",
        "--add-dir",
        "{git_common_dir}",
        PROMPT,
    ),
    "gemini": (
        "gemini",
        "--approval-mode",
        "auto_edit",
        "--allowed-tools",
        "run_shell_command(git)",
        "--include-directories",
        "{git_common_dir}",
        "--prompt",
        PROMPT,
    ),
}
"""By the agent's name, the words with placeholders (`core.agents`)."""
