What may not be brought up to date, or not so.

  $ . "$TESTDIR/setup" && export OKSTRA_HOOKS_INSTALL=false
  $ ticket
  $ git okstra sync 3
  okstra: error [stage-not-open]: stage 3 of DEV-9436 has no worktree now
  okstra: hint: open it: git okstra stage 3
  [1]
  $ git okstra sync three
  okstra: error [usage]: 'three' is neither a stage's number nor 'task'
  okstra: hint: git okstra sync 3
  [2]
  $ git okstra sync
  okstra: error [ambiguous-stage]: no stage of DEV-9436 is open
  okstra: hint: see the stages: git okstra status --task dev-9436
  [2]
  $ work 1 shop/voucher.py
  $ cd "$(git okstra stage 4 2>/dev/null)" && commit docs/voucher.md
  $ (cd "$(git okstra stage 1 2>/dev/null || git okstra path 1)" && git okstra reopen >/dev/null 2>&1 && commit shop/voucher.py && git okstra done >/dev/null 2>&1)
  $ echo "a draft" >docs/draft.md
  $ git okstra sync
  okstra: error [dirty-worktree]: the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4' has uncommitted changes: docs/draft.md
  okstra: hint: look at them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4' status
  okstra: hint: then commit them, or move them away
  [1]
  $ git okstra sync --all
  okstra: stage 4 was left as it is [dirty-worktree]: the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4' has uncommitted changes: docs/draft.md; look at them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4' status
  [1]
  $ rm docs/draft.md

Commits that others may have are not made anew.

  $ remote && git push -q origin HEAD
  $ git okstra sync --rebase
  okstra: error [rebase-refused]: stage 4 is not rebased: its commits were pushed, 'origin/feat-dev-9436-s4' has them
  okstra: hint: merge instead: git okstra sync 4
  [1]
  $ OKSTRA_OWNER=ben@example git okstra sync 4
  okstra: error [held]: stage 4 of DEV-9436 is held by ada@example since ????-??-??T??:??:??Z, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4' (glob)
  okstra: hint: if ada@example agreed: OKSTRA_OWNER=ada@example git okstra sync 4
  okstra: hint: if nobody works there any more: git okstra takeover 4
  [3]
  $ OKSTRA_OWNER=ben@example git okstra sync --all
  okstra: stage 4 was passed over: stage 4 of DEV-9436 is held by ada@example since ????-??-??T??:??:??Z, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4' (glob)
  okstra: no stage of yours is behind
  $ git okstra sync 4 --all
  okstra: error [usage]: --all takes no N; --continue and --abort take one and no other option
  okstra: hint: git okstra help sync
  [2]
