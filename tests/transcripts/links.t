What git does not track is linked or copied from the main worktree into each new one.

  $ . "$TESTDIR/setup"
  $ mkdir node_modules && echo SECRET=1 >.env
  $ git okstra config set worktree.link node_modules 2>/dev/null && git okstra config set worktree.copy .env 2>/dev/null
  $ cd "$(git okstra start feat DEV-9436)"
  okstra: starting from 'main', the only one of main master dev develop staging preprod prod that exists
  okstra: installed the hooks that hold the plan; see them: git okstra hooks status
  okstra: linked 'node_modules'
  okstra: copied '.env'
  okstra: now ignored in every worktree of this repository, by info/exclude: '/node_modules', '/.env'
  okstra: DEV-9436 has the branch 'feat-dev-9436', from main (11aaa519a1ae)
  $ git status --short && ls -A
  .env
  .git
  README.md
  node_modules

What is tracked, or lies elsewhere, is not.

  $ git okstra config set worktree.link README.md,/etc,../parts
  okstra: worktree.link is set in '$TMPDIR/shop/.git/okstra/config.toml'
  $ git okstra start feat DEV-8
  okstra: error [bad-link]: '/etc' cannot be linked: it is absolute, and has to be relative to the root of the main worktree
  okstra: '../parts' cannot be linked: '..' leads out of the worktree
  okstra: 'README.md' cannot be linked: git tracks it
  okstra: hint: see where it is set, and change it there: git okstra config get worktree.link --scope all
  [1]
  $ git okstra config set worktree.link node_modules
  okstra: worktree.link is set in '$TMPDIR/shop/.git/okstra/config.toml'
  $ git okstra start feat DEV-8 2>/dev/null
  $TMPDIR/okstra/worktrees/shop/dev/dev-8
