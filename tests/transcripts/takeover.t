Ann opened a stage by hand, left something in it, and is gone.

  $ . "$TESTDIR/setup"
  $ ticket
  $ cd "$(OKSTRA_OWNER=ann@example git okstra stage 1 2>/dev/null)" && commit shop/voucher.py && echo idea >idea.txt
  $ git okstra who
  WHAT       STATE  OWNER        SINCE                 IDLE  LEASE
  DEV-9436   open   ada@example  *Z  *s (glob)
    stage 1  open   ann@example  *Z  *s (glob)

Nobody can know whether somebody who works by hand is gone, so a person has to say so.

  $ git okstra takeover 1
  okstra: error [needs-yes]: taking over stage 1 of DEV-9436, on which ann@example was last seen at work *s ago, is a person's decision (glob)
  okstra: hint: if you are that person: git okstra takeover 1 --yes
  [2]
  $ git okstra takeover 1 --dry-run
  okstra: stage 1 of DEV-9436 would be yours, and no longer that of ann@example
  okstra: so would be what no commit holds in its worktree: idea.txt
  okstra: nobody can tell whether that owner is gone, so a person has to say so
  okstra: nothing was changed (--dry-run)
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git okstra takeover 1 --yes
  okstra: stage 1 of DEV-9436 is yours, and no longer that of ann@example
  okstra: so is what no commit holds in its worktree: idea.txt
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git okstra takeover 1 --yes
  okstra: stage 1 of DEV-9436 is yours already
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git status --short
  ?? idea.txt
  $ git okstra log --stage 1
  *Z  ann@example  stage 1 started  branch=feat-dev-9436-s1 base=11aaa519a1ae (glob)
  *Z  ada@example  stage 1 taken-over  from=ann@example (glob)

She is told when she comes back.

  $ OKSTRA_OWNER=ann@example git okstra done 1
  okstra: error [held]: stage 1 of DEV-9436 is held by ada@example since *Z, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' (glob)
  okstra: hint: if ada@example agreed: OKSTRA_OWNER=ada@example git okstra done 1
  okstra: hint: if nobody works there any more: git okstra takeover 1
  [3]

What works under a lease is refused once the stage was taken over, also when both owners have the same name.

  $ OKSTRA_TASK=shop/dev/dev-9436 OKSTRA_STAGE=1 OKSTRA_LEASE=1 git okstra done
  okstra: error [taken-over]: stage 1 of DEV-9436 was taken over: ada@example has it since *Z, under lease 2; yours, 1, is over (glob)
  okstra: hint: leave its worktree to them; see who has what: git okstra who --task dev-9436
  [3]

A stage that nobody has, and one whose owner is at work: the process that is recorded for it lives.

  $ git okstra takeover 2
  okstra: error [stage-not-open]: nobody holds stage 2 of DEV-9436, so there is nobody to take it over from
  okstra: hint: open it: git okstra stage 2
  [1]
  $ sed -i "s/\"pid\": [0-9]*/\"pid\": $$/; s/\"pid_start\": [0-9]*/\"pid_start\": $(cut -d' ' -f22 /proc/$$/stat)/" "$OKSTRA_HOME"/registry/tasks/shop/dev/dev-9436.json
  $ OKSTRA_OWNER=cho@example git okstra takeover 1 --yes
  okstra: error [held]: stage 1 of DEV-9436 is held by ada@example since *Z, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1', and process * is at work for it (glob)
  okstra: hint: see what it does: ps -p * (glob)
  okstra: hint: if ada@example agreed: OKSTRA_OWNER=ada@example git okstra release 1
  [3]
