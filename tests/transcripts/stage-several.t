Several stages are opened by one command. One path a line; what refuses one is told, and the others are opened.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra stage 2 3 1 --dry-run
  okstra: stage 2 (Price) would be on 'feat-dev-9436-s2', from 11aaa519a1ae: the anchor, as it depends on nothing
  okstra: stage 1 (Voucher model) would be on 'feat-dev-9436-s1', from 11aaa519a1ae: the anchor, as it depends on nothing
  okstra: nothing was changed (--dry-run)
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  okstra: error [stage-not-ready]: stage 3 depends on stages 1 and 2, which are not done
  okstra: hint: first: git okstra stage 1
  okstra: hint: or take what is ready: git okstra stage auto
  [1]
  $ git branch --list '*-s?'
  $ git okstra stage 2 3
  okstra: stage 2 (Price) on 'feat-dev-9436-s2', from 11aaa519a1ae: the anchor, as it depends on nothing
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2
  okstra: error [stage-not-ready]: stage 3 depends on stages 1 and 2, which are not done
  okstra: hint: first: git okstra stage 1
  okstra: hint: or take what is ready: git okstra stage auto
  [1]
  $ git okstra stage 2 1
  okstra: stage 2 has been open since ????-??-??T??:??:??Z, by ada@example (process *) (glob)
  okstra: stage 1 (Voucher model) on 'feat-dev-9436-s1', from 11aaa519a1ae: the anchor, as it depends on nothing
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1

Every stage that is ready and that nobody has:

  $ git okstra remove -D 1 >/dev/null 2>&1
  $ git okstra remove -D 2 >/dev/null 2>&1
  $ OKSTRA_OWNER=ben@example git okstra stage --all-ready
  okstra: stage 1 (Voucher model) on 'feat-dev-9436-s1', from 11aaa519a1ae: the anchor, as it depends on nothing
  okstra: stage 2 (Price) on 'feat-dev-9436-s2', from 11aaa519a1ae: the anchor, as it depends on nothing
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2
  $ git okstra stage --all-ready
  okstra: error [nothing-ready]: nothing is ready: of the stages 1, 2 are open; 3, 4 are waiting for them
  okstra: hint: see who holds what: git okstra status
  [1]

The exit status is the highest of all.

  $ git okstra stage 1 3
  okstra: error [held]: stage 1 of DEV-9436 is held by ben@example since ????-??-??T??:??:??Z, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' (glob)
  okstra: hint: take another: git okstra stage auto
  okstra: hint: or see who is still at work: git okstra who
  okstra: error [stage-not-ready]: stage 3 depends on stages 1 and 2, which are not done
  okstra: hint: first: git okstra done 1
  okstra: hint: or take what is ready: git okstra stage auto
  [3]

Scripts take the document.

  $ git okstra stage 3 4 --json
  {
    "schema": "okstra.stage/1",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436",
      "branch": "feat-dev-9436"
    },
    "stages": [
      {
        "number": 3,
        "status": "refused",
        "path": null,
        "error": {
          "code": "stage-not-ready",
          "message": "stage 3 depends on stages 1 and 2, which are not done",
          "hint": "first: git okstra done 1\nor take what is ready: git okstra stage auto"
        }
      },
      {
        "number": 4,
        "status": "refused",
        "path": null,
        "error": {
          "code": "stage-not-ready",
          "message": "stage 4 depends on stage 1, which is not done",
          "hint": "first: git okstra done 1\nor take what is ready: git okstra stage auto"
        }
      }
    ],
    "notes": []
  }
  [1]

A number or "auto" is needed, and "auto" stands alone.

  $ git okstra stage
  okstra: error [usage]: no stage was named
  okstra: hint: take the first one that is ready: git okstra stage auto
  [2]
  $ git okstra stage auto 3
  okstra: error [usage]: 'auto' stands alone, for one stage
  okstra: hint: for all that are ready: git okstra stage --all-ready
  [2]
  $ git okstra stage 1 --all-ready
  okstra: error [usage]: --all-ready takes no stage number
  okstra: hint: git okstra stage --all-ready
  [2]
