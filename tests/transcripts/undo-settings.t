Settings, hooks, the guard and trust go back, too; what is a person's decision, by a person.

  $ . "$TESTDIR/setup"
  $ git okstra hooks install 2>/dev/null
  $TMPDIR/shop/.git/okstra/hooks
  $ git okstra undo
  okstra: error [needs-yes]: taking 'git okstra hooks install' back is a person's decision
  okstra: hint: if you are that person: git okstra undo --yes
  [2]
  $ git okstra undo --yes && git okstra hooks status | grep -c OFF
  okstra: took back: git okstra hooks install
  okstra:   take the hooks out again
  ????????T??????-???????? (glob)
  okstra: bring them back: git okstra hooks install
  2
  $ git okstra undo --yes && git okstra hooks status | grep -c OFF
  okstra: took back: git okstra undo --yes
  okstra:   take '$TMPDIR/shop/.git/okstra/config.toml' away again
  okstra:   install the hooks again
  okstra: so this stands again: git okstra hooks install
  ????????T??????-???????? (glob)
  0
  [1]
  $ git okstra guard install claude >/dev/null 2>&1 && git okstra undo --yes && ls -A
  okstra: took back: git okstra guard install claude
  okstra:   take '$TMPDIR/shop/.claude/settings.json' away again
  ????????T??????-???????? (glob)
  .claude
  .git
  README.md
  $ printf '[worktree]\nsetup = ["true"]\n' >.okstra.toml && git okstra config trust --yes 2>/dev/null
  $ git okstra undo
  okstra: error [needs-yes]: taking 'git okstra config trust --yes' back is a person's decision
  okstra: hint: if you are that person: git okstra undo --yes
  [2]
  $ git okstra undo --yes
  okstra: took back: git okstra config trust --yes
  okstra:   take '$TMPDIR/shop/.git/okstra/trusted.json' away again
  ????????T??????-???????? (glob)
  $ git okstra config set ui.color never 2>/dev/null && git okstra config set trash.keep 3d 2>/dev/null
  $ git okstra undo "$(git okstra log --operations | grep color | cut -d' ' -f1)"
  okstra: error [undo-refused]: 'git okstra config set ui.color never' cannot be taken back: '$TMPDIR/shop/.git/okstra/config.toml' was changed since
  okstra: hint: take that back first: git okstra undo ????????T??????-???????? (glob)
  okstra: hint: see what was done since: git okstra log --operations
  [1]
  $ git okstra undo >/dev/null 2>&1 && git okstra undo "$(git okstra log --operations | grep color | cut -d' ' -f1)"
  okstra: took back: git okstra config set ui.color never
  okstra:   take '$TMPDIR/shop/.git/okstra/config.toml' away again
  ????????T??????-???????? (glob)

Some things are not taken back:

  $ rm .okstra.toml && git branch mine
  $ git okstra start fix DEV-7 --branch mine --adopt --base main >/dev/null 2>&1
  $ git okstra undo
  okstra: error [undo-refused]: 'git okstra start fix DEV-7 --branch mine --adopt --base main' cannot be taken back: the branch 'mine' was there before the task
  okstra: hint: leave it where it is: git okstra release dev-7
  okstra: hint: see what was done since: git okstra log --operations
  [1]
