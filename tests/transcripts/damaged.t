A file of ours that cannot be read is never overwritten; what can be rebuilt is rebuilt, and the old one set aside.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra stage 1 >/dev/null 2>&1
  $ echo '{' >"$OKSTRA_HOME/registry/tasks/shop/dev/dev-9436.json"
  $ git okstra stage 1
  okstra: error [damaged-file]: '$TMPDIR/okstra/registry/tasks/shop/dev/dev-9436.json' cannot be used: it is not JSON
  okstra: hint: set it aside and rebuild it from the stores and git's worktree list: git okstra doctor --repair
  [1]
  $ git okstra list
  okstra: task 'dev/dev-9436' is left out: '$TMPDIR/okstra/registry/tasks/shop/dev/dev-9436.json' cannot be used: it is not JSON
  okstra: see why: git okstra doctor
  $ git okstra doctor
  error [damaged-record] '$TMPDIR/okstra/registry/tasks/shop/dev/dev-9436.json' cannot be used: it is not JSON
    the registry cannot say who holds the task
    hint: git okstra doctor --repair
  okstra: mend what can be mended: git okstra doctor --repair
  [1]
  $ git okstra doctor --repair
  shop/dev/dev-9436: '$TMPDIR/okstra/registry/tasks/shop/dev/dev-9436.json' cannot be used: it is not JSON
    mended: moved it to '$TMPDIR/okstra/registry/damaged/????????T??????Z-shop-dev-dev-9436.json' and entered 2 reservations again (glob)
  $ git okstra stage 1 2>/dev/null
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1

The plan, by hand:

  $ plan=$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/plan.toml
  $ sed -i 's/"Price"/"Prices"/' "$plan"
  $ git okstra stage 2
  okstra: error [plan-not-approved]: the plan of DEV-9436 was changed since it was approved
  okstra: hint: look at it: git okstra plan show
  okstra: hint: then have a person approve it: git okstra plan approve
  [1]
  $ echo '[[' >>"$plan"
  $ git okstra stage 2
  okstra: error [damaged-file]: '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/plan.toml' cannot be used: it is not TOML (Invalid initial character for a key part (at line 50, column 3))
  okstra: hint: git okstra doctor --repair
  [1]
  $ git okstra doctor --repair
  shop/dev/dev-9436: '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/plan.toml' cannot be used: it is not TOML (Invalid initial character for a key part (at line 50, column 3))
    mended: moved it to '$TMPDIR/shop/.git/okstra/damaged/????????T??????Z-shop-dev-dev-9436-plan.toml' (glob)
  $ git okstra plan show
  okstra: error [plan-missing]: task DEV-9436 has no plan
  okstra: hint: write one: git okstra plan edit
  okstra: hint: or read one in: git okstra plan import FILE
  [1]
  $ git okstra plan import ~/plan.md && git okstra plan approve --yes
  okstra: 4 stages imported for DEV-9436; approve it with: git okstra plan approve
  sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7
  okstra: the plan of DEV-9436 is approved by ada@example
  sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7

A file that a newer git okstra wrote is left alone.

  $ echo 'format = 2' >"$plan"
  $ git okstra plan show
  okstra: error [newer-format]: '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/plan.toml' has format 2; this git okstra knows formats up to 1 and leaves it alone
  okstra: hint: upgrade git okstra: python3 -m pip install --upgrade git-okstra
  [1]
  $ git okstra doctor
  error [newer-format] '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/plan.toml' has format 2; this git okstra knows formats up to 1 and leaves it alone
    a newer git okstra wrote the file; this one leaves it alone
    hint: upgrade git okstra: python3 -m pip install --upgrade git-okstra
  [1]
  $ git okstra status
  okstra: error [newer-format]: '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/plan.toml' has format 2; this git okstra knows formats up to 1 and leaves it alone
  okstra: hint: upgrade git okstra: python3 -m pip install --upgrade git-okstra
  [1]

A phase that there is not:

  $ git okstra start feat DEV-8 >/dev/null 2>&1
  $ sed -i 's/^phase = .*/phase = "lunch"/' "$TMPDIR/shop/.git/okstra/tasks/dev/dev-8/task.toml"
  $ git okstra phase --task DEV-8
  okstra: error [damaged-file]: '$TMPDIR/shop/.git/okstra/tasks/dev/dev-8/task.toml' cannot be used: a field is missing or has the wrong type (there is no phase 'lunch'; there are: requirements-discovery error-analysis implementation-planning implementation final-verification release-handoff)
  okstra: hint: git okstra doctor --repair
  [1]

A registry that others may write to could say anything, so nothing is changed by it:

  $ chmod 777 "$OKSTRA_HOME/registry"
  $ git okstra start feat DEV-9
  okstra: error [unsafe-home]: '$TMPDIR/okstra/registry' is writable by everybody: nothing is changed
  okstra: hint: chmod go-w '$TMPDIR/okstra/registry'
  [1]
  $ chmod go-w "$OKSTRA_HOME/registry"
  $ git okstra start feat DEV-9 2>/dev/null
  $TMPDIR/okstra/worktrees/shop/dev/dev-9
