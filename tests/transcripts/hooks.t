The hooks come with the first task, beside what is there. They are seen, overwritten, brought back and taken out.

  $ . "$TESTDIR/setup"
  $ unset OKSTRA_HOOKS_INSTALL
  $ mkdir -p .git/hooks && printf '#!/bin/sh\necho "own hook: $1"\n' >.git/hooks/pre-push && chmod +x .git/hooks/pre-push
  $ git okstra start feat DEV-9436 --base main
  okstra: installed the hooks that hold the plan; see them: git okstra hooks status
  okstra: DEV-9436 has the branch 'feat-dev-9436', from main (11aaa519a1ae)
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra hooks status
  $TMPDIR/shop
    on  pre-push: $TMPDIR/shop/.git/okstra/hooks/pre-push, $TMPDIR/shop/.git/hooks/pre-push.before-okstra
    on  post-checkout: $TMPDIR/shop/.git/okstra/hooks/post-checkout
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436 (governed)
    on  pre-commit: $TMPDIR/shop/.git/okstra/hooks/pre-commit
    on  pre-push: $TMPDIR/shop/.git/okstra/hooks/pre-push, $TMPDIR/shop/.git/hooks/pre-push.before-okstra
    on  post-checkout: $TMPDIR/shop/.git/okstra/hooks/post-checkout
    on  reference-transaction: $TMPDIR/shop/.git/okstra/hooks/reference-transaction
  $ git okstra hooks install
  okstra: the hooks were installed already
  $TMPDIR/shop/.git/okstra/hooks
  $ git okstra hooks install --json
  {
    "schema": "okstra.hooks-install/1",
    "status": "reused",
    "directory": "$TMPDIR/shop/.git/okstra/hooks",
    "notes": []
  }
  $ printf '#!/bin/sh\nexit 0\n' >.git/hooks/post-checkout && chmod +x .git/hooks/post-checkout
  $ git okstra hooks status
  okstra: bring them back: git okstra hooks install
  $TMPDIR/shop
    on  pre-push: $TMPDIR/shop/.git/okstra/hooks/pre-push, $TMPDIR/shop/.git/hooks/pre-push.before-okstra
    OFF post-checkout: $TMPDIR/shop/.git/hooks/post-checkout
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436 (governed)
    on  pre-commit: $TMPDIR/shop/.git/okstra/hooks/pre-commit
    on  pre-push: $TMPDIR/shop/.git/okstra/hooks/pre-push, $TMPDIR/shop/.git/hooks/pre-push.before-okstra
    on  post-checkout: $TMPDIR/shop/.git/hooks/post-checkout, $TMPDIR/shop/.git/okstra/hooks/post-checkout
    on  reference-transaction: $TMPDIR/shop/.git/okstra/hooks/reference-transaction
  [1]
  $ git okstra doctor
  warning [hooks-overwritten] '$TMPDIR/shop' runs another hook on post-checkout
    another tool's hooks run there instead of ours
    hint: see what runs: git okstra hooks status
    hint: git okstra doctor --repair
  okstra: mend what can be mended: git okstra doctor --repair
  [1]
  $ git okstra doctor --repair
  $TMPDIR/shop: '$TMPDIR/shop' runs another hook on post-checkout
    mended: installed ours again
  $ git okstra hooks uninstall
  okstra: error [needs-yes]: taking the hooks out is a person's decision
  okstra: hint: if you are that person: git okstra hooks uninstall --yes
  [2]
  $ git okstra hooks uninstall --yes --dry-run
  okstra: the hooks would be taken out; have them again: git okstra hooks install
  okstra: nothing was changed (--dry-run)
  $ git okstra hooks uninstall --yes
  okstra: the hooks are taken out; have them again: git okstra hooks install
  $ git okstra hooks uninstall --yes
  okstra: there are no hooks of ours here
  $ ls .git/hooks/p*
  .git/hooks/post-checkout
  .git/hooks/post-update.sample
  .git/hooks/pre-applypatch.sample
  .git/hooks/pre-commit.sample
  .git/hooks/pre-merge-commit.sample
  .git/hooks/pre-push
  .git/hooks/pre-push.sample
  .git/hooks/pre-rebase.sample
  .git/hooks/pre-receive.sample
  .git/hooks/prepare-commit-msg.sample
  .git/hooks/push-to-checkout.sample
  $ git okstra start feat DEV-2 --base main
  okstra: DEV-2 has the branch 'feat-dev-2', from main (11aaa519a1ae)
  $TMPDIR/okstra/worktrees/shop/dev/dev-2
