The project's file says which agents may work in which phase; without such a line anyone may.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra exec --agent gemini task -- pwd
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra config set profiles.implementation.agents claude codex --scope project
  okstra: profiles.implementation.agents is set in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436/.okstra.toml'
  $ git okstra exec --agent Claude task -- pwd
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra exec --agent gemini task -- pwd
  okstra: error [agent-not-allowed]: the agent 'gemini' may not work in the phase implementation; those who may: claude, codex
  okstra: hint: name one that may: --agent claude
  okstra: hint: see who says so: git okstra config get profiles.implementation.agents --scope all
  [1]
  $ git okstra brief 1 --agent codex | head -1
  # Stage 1 of DEV-9436: Voucher model
  $ git okstra brief 1 --agent gemini
  okstra: error [agent-not-allowed]: the agent 'gemini' may not work in the phase implementation; those who may: claude, codex
  okstra: hint: name one that may: --agent claude
  okstra: hint: see who says so: git okstra config get profiles.implementation.agents --scope all
  [1]
  $ git okstra config get profiles.implementation.agents --scope all
    built-in    *
  * project     claude,codex  ($TMPDIR/okstra/worktrees/shop/dev/dev-9436/.okstra.toml:2)
  $ git okstra exec task -- pwd
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436

An empty list lets no agent in, and a slip in the name of a phase is caught.

  $ printf '[profiles.implementation]\nagents = []\n' >.okstra.toml
  $ git okstra exec --agent claude task -- pwd
  okstra: error [agent-not-allowed]: the agent 'claude' may not work in the phase implementation; those who may: none
  okstra: hint: see who says so: git okstra config get profiles.implementation.agents --scope all
  [1]
  $ printf '[profiles.implementaton]\nagents = ["claude"]\n' >.okstra.toml
  $ git okstra exec --agent claude task -- pwd
  okstra: error [bad-config]: $TMPDIR/okstra/worktrees/shop/dev/dev-9436/.okstra.toml:2: there is no setting 'profiles.implementaton.agents'; did you mean profiles.implementation.agents?
  okstra: hint: see every setting and its type: git okstra help config
  [2]
