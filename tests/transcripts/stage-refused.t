A stage waits for what it depends on, and is given to one owner.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra stage 3
  okstra: error [stage-not-ready]: stage 3 depends on stages 1 and 2, which are not done
  okstra: hint: first: git okstra stage 1
  okstra: hint: or take what is ready: git okstra stage auto
  [1]
  $ git okstra stage 1 >/dev/null 2>&1
  $ OKSTRA_OWNER=ben@example git okstra stage 1
  okstra: error [held]: stage 1 of DEV-9436 is held by ada@example since ????-??-??T??:??:??Z, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' (glob)
  okstra: hint: take another: git okstra stage auto
  okstra: hint: or see who is still at work: git okstra who
  [3]
  $ OKSTRA_OWNER=ben@example git okstra done 1
  okstra: error [held]: stage 1 of DEV-9436 is held by ada@example since ????-??-??T??:??:??Z, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' (glob)
  okstra: hint: if ada@example agreed: OKSTRA_OWNER=ada@example git okstra done 1
  okstra: hint: if nobody works there any more: git okstra takeover 1
  [3]
  $ work 2 shop/price.py
  $ OKSTRA_OWNER=ben@example git okstra stage auto
  okstra: error [nothing-ready]: nothing is ready: of the stages 2 is done; 1 is open; 3, 4 are waiting for them
  okstra: hint: see who holds what: git okstra status
  [1]

When all it depends on is done, it has to be merged first, if it is more than one.

  $ cd "$(git okstra path 1)" && commit shop/voucher.py && git okstra done >/dev/null 2>&1
  $ git okstra stage 3
  okstra: error [dependencies-not-merged]: stage 3 starts from the task branch, which does not have stages 1 and 2 yet
  okstra: hint: git okstra merge 1 2
  okstra: hint: or in one go: git okstra stage 3 --merge-deps
  [1]
  $ git okstra merge 1 2 >/dev/null 2>&1 && git okstra stage 3 2>/dev/null
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s3

What is done stays done.

  $ git okstra stage 1
  okstra: error [stage-closed]: stage 1 of DEV-9436 is done
  okstra: hint: for more work on it: git okstra reopen 1
  okstra: hint: else take the next one: git okstra stage auto
  [1]
  $ git okstra stage four
  okstra: error [usage]: 'four' is neither a stage number nor 'auto'
  okstra: hint: take the first one: git okstra stage auto
  [2]
  $ git okstra done
  okstra: stage 1 was done already, at ????-??-??T??:??:??Z, and has not moved since (glob)
  d95fe1bdcff6595db11c8e6f48fb228464645064
  $ git okstra reopen
  okstra: stage 3 started from its recorded head and will not see what is changed now
  okstra: stage 1 is open again
  $ git okstra abandon 2
  okstra: error [stage-closed]: stage 2 is merged into 'feat-dev-9436'; giving it up would not take it out again
  okstra: hint: for more work on it: git okstra reopen 2
  okstra: hint: to free its worktree: git okstra remove 2
  [1]
  $ git okstra reopen 4
  okstra: error [stage-not-done]: stage 4 of DEV-9436 was never opened
  okstra: hint: git okstra stage 4
  [1]
