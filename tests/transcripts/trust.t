Commands of the project's committed file run in a new worktree only after a person has approved exactly these.

  $ . "$TESTDIR/setup"
  $ git okstra config set worktree.setup 'echo ready >setup.log' --scope project
  okstra: worktree.setup is set in '$TMPDIR/shop/.okstra.toml'
  $ echo setup.log >.gitignore && git add .okstra.toml .gitignore && git commit -q -m "Set worktrees up"
  $ git okstra start feat DEV-9436
  okstra: error [untrusted-command]: the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' is ready, but the project's file wants to run: echo ready >setup.log
  okstra: hint: look at it, then allow exactly this from now on: git okstra config trust
  okstra: hint: and in this worktree run it: cd $TMPDIR/okstra/worktrees/shop/dev/dev-9436 && echo ready >setup.log
  [1]
  $ git okstra config trust
  okstra: the project's file wants to run:
  okstra:   echo ready >setup.log
  okstra: error [needs-yes]: trusting commands is a person's decision
  okstra: hint: if you are that person: git okstra config trust --yes
  [2]
  $ git okstra config trust --dry-run
  okstra: the project's file wants to run:
  okstra:   echo ready >setup.log
  okstra: they would be trusted
  okstra: nothing was changed (--dry-run)
  $ git okstra config trust --yes
  okstra: the project's file wants to run:
  okstra:   echo ready >setup.log
  okstra: they are trusted
  $ git okstra start feat DEV-8
  okstra: starting from 'main', the only one of main master dev develop staging preprod prod that exists
  okstra: DEV-8 has the branch 'feat-dev-8', from main (52e7f839b07f)
  $TMPDIR/okstra/worktrees/shop/dev/dev-8
  $ cat "$(git okstra path DEV-8)/setup.log"
  ready

A change asks again; what one has configured oneself needs no approval, and a failure is shown.

  $ git okstra config set worktree.setup 'echo ready' 'echo steady' --scope project
  okstra: worktree.setup is set in '$TMPDIR/shop/.okstra.toml'
  $ git okstra config trust --json
  okstra: the project's file wants to run:
  okstra:   echo ready
  okstra:   echo steady
  {
    "error": {
      "code": "needs-yes",
      "message": "trusting commands is a person's decision",
      "hint": "if you are that person: git okstra config trust --yes"
    }
  }
  [2]
  $ git okstra config trust --yes --json 2>/dev/null
  {
    "schema": "okstra.config-trust/1",
    "commands": [
      "echo ready",
      "echo steady"
    ],
    "was_trusted": false,
    "notes": []
  }
  $ git okstra config trust --yes
  okstra: the commands of the project's file are trusted already
  $ git okstra config set worktree.setup 'echo no network >&2; exit 4' 'echo go'
  okstra: worktree.setup is set in '$TMPDIR/shop/.git/okstra/config.toml'
  $ git okstra start feat DEV-7
  okstra: error [setup-failed]: setup command 'echo no network >&2; exit 4' failed with exit status 4
  okstra:   no network
  okstra: hint: mend the cause and run it again: cd $TMPDIR/okstra/worktrees/shop/dev/dev-7 && sh -c 'echo no network >&2; exit 4'
  okstra: hint: then what was not run: cd $TMPDIR/okstra/worktrees/shop/dev/dev-7 && echo go
  [1]

All approvals can be taken back.

  $ git okstra config untrust --dry-run
  okstra: no commands would be trusted any more
  okstra: nothing was changed (--dry-run)
  $ git okstra config untrust --json
  {
    "schema": "okstra.config-untrust/1",
    "was_trusted": true,
    "notes": []
  }
