The plan is worked off by a command, here a script that does what a person or an agent would do in each stage.

  $ . "$TESTDIR/setup"
  $ ticket
  $ cat >~/agent <<'END'
  > #!/bin/sh
  > echo "stage $OKSTRA_STAGE of $OKSTRA_TASK, by $OKSTRA_OWNER"
  > file=$(sed -n 's/^- `\(.*\)`$/\1/p; /^## Where/q' "$OKSTRA_BRIEF")
  > [ "$file" != "docs/**" ] || file=docs/manual.md
  > mkdir -p "$(dirname "$file")" && echo "print($OKSTRA_STAGE)" >$file
  > git add $file && git commit --quiet -m "Work on stage $OKSTRA_STAGE"
  > END
  $ chmod +x ~/agent
  $ git okstra run --dry-run -j 2 -- ~/agent
  okstra: at most 2 at once
  okstra: nothing was changed (--dry-run)
  1: stage 1 would be opened
  1: stage 2 would be opened
  2: stage 3 would be opened
  2: stage 4 would be opened
  $ git okstra run -j 1 --output -- ~/agent
  okstra: what the commands write is kept in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/runs/*' (glob)
  okstra: stage 1 begins in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1'
  okstra: 1 | stage 1 of shop/dev/dev-9436, by ada@example/s1
  okstra: stage 1 is done: 1 commit, 1 file, at a27995e3ffaf
  okstra: stage 1 is merged
  okstra: stage 2 begins in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2'
  okstra: 2 | stage 2 of shop/dev/dev-9436, by ada@example/s2
  okstra: stage 2 is done: 1 commit, 1 file, at e1aa31a9b144
  okstra: stage 2 is merged
  okstra: stage 4 begins in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4'
  okstra: 4 | stage 4 of shop/dev/dev-9436, by ada@example/s4
  okstra: stage 4 is done: 1 commit, 1 file, at 3841cc8b749c
  okstra: stage 4 is merged
  okstra: stage 3 begins in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s3'
  okstra: 3 | stage 3 of shop/dev/dev-9436, by ada@example/s3
  okstra: stage 3 is done: 1 commit, 1 file, at af4731a98179
  okstra: stage 3 is merged
  okstra: 4 stages merged
  1 dadcb81c0f4877c70de02f90ec7d10074ee69a77
  2 249f97df9769cb5759459418719c307bf3732214
  4 b9888b91fa6859cf534f1d9f51007b0316f56b3c
  3 872092620ac6d0e35218261e2694df73c0661761
  $ git okstra status | sed -n '/^plan/,/^$/p'
  plan, 4 stages, approved
  ●   1 Voucher model  merged
  │ ● 2 Price          merged
  │ │
  ├─● 3 Checkout page  merged  ← 1, 2
  ╰─● 4 Manual         merged  ← 1
  
  $ git log --first-parent --format=%s feat-dev-9436
  Merge stage 3: Checkout page
  Merge stage 4: Manual
  Merge stage 2: Price
  Merge stage 1: Voucher model
  first commit

Run again there is nothing left to do.

  $ git okstra run -j 1 -- ~/agent
  okstra: what the commands write is kept in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/runs/*' (glob)
  okstra: nothing was left to do
  $ git okstra run -j 1 --dry-run --json -- ~/agent
  {
    "schema": "okstra.run/1",
    "event": "foretold",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436"
    },
    "jobs": 1,
    "command": [
      "$TMPDIR/home/agent"
    ],
    "steps": [],
    "merged": [
      1,
      2,
      3,
      4
    ],
    "awaited": [],
    "left": [],
    "dry_run": true,
    "notes": []
  }
