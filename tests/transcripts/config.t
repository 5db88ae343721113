Settings have scopes; later wins: built-in, global, project, clone, environment, option.

  $ . "$TESTDIR/setup"
  $ git okstra config get trash.keep
  7d
  $ git okstra config set trash.keep 30d --scope global
  okstra: trash.keep is set in '$TMPDIR/okstra/config.toml'
  $ git okstra config set trash.keep 2d --dry-run
  okstra: trash.keep would be set in '$TMPDIR/shop/.git/okstra/config.toml'
  okstra: nothing was changed (--dry-run)
  $ git okstra config set trash.keep 2d
  okstra: trash.keep is set in '$TMPDIR/shop/.git/okstra/config.toml'
  $ cat .git/okstra/config.toml
  [trash]
  keep = "2d"
  $ OKSTRA_TRASH_KEEP=1d git okstra config get trash.keep --scope all
    built-in    7d
    global      30d  ($TMPDIR/okstra/config.toml:2)
    clone       2d  ($TMPDIR/shop/.git/okstra/config.toml:2)
  * environment 1d  (OKSTRA_TRASH_KEEP)
  $ git okstra config get trash.keep
  2d
  $ git okstra config get trash.keep --json
  {
    "schema": "okstra.config-get/1",
    "key": "trash.keep",
    "scope": "clone",
    "value": "2d",
    "origin": "$TMPDIR/shop/.git/okstra/config.toml:2",
    "wins": true,
    "notes": []
  }
  $ git okstra config unset trash.keep --dry-run
  okstra: trash.keep would be taken out of '$TMPDIR/shop/.git/okstra/config.toml'
  okstra: nothing was changed (--dry-run)
  $ git okstra config unset trash.keep
  okstra: trash.keep is taken out of '$TMPDIR/shop/.git/okstra/config.toml'
  $ git okstra config unset trash.keep --json
  {
    "schema": "okstra.config-unset/1",
    "key": "trash.keep",
    "scope": "clone",
    "was_set": false,
    "path": "$TMPDIR/shop/.git/okstra/config.toml",
    "notes": []
  }
  $ git okstra config unset trash.keep
  okstra: trash.keep was not set in '$TMPDIR/shop/.git/okstra/config.toml'
  $ git okstra config get trash.keep
  30d
  $ git okstra config set worktree.link node_modules .venv --scope project --json
  {
    "schema": "okstra.config-set/1",
    "key": "worktree.link",
    "scope": "project",
    "value": [
      "node_modules",
      ".venv"
    ],
    "path": "$TMPDIR/shop/.okstra.toml",
    "notes": []
  }
  $ cat .okstra.toml
  [worktree]
  link = ["node_modules", ".venv"]
  $ git okstra config list | grep -e trash.keep -e link
  worktree.link = node_modules,.venv
  trash.keep = 30d
  $ git okstra config list --show-origin | grep -e trash.keep -e link | tr '\t' ' '
  project $TMPDIR/shop/.okstra.toml:2 worktree.link = node_modules,.venv
  global $TMPDIR/okstra/config.toml:2 trash.keep = 30d
  $ git okstra config list --json | python3 -c '
  > import json, sys
  > for line in json.load(sys.stdin)["settings"]:
  >     if line["scope"] != "built-in":
  >         print(line["key"], line["value"])
  > '
  worktree.link ['node_modules', '.venv']
  trash.keep 30d

A slip of the finger is caught, on the command line

  $ git okstra config get trash.kept
  okstra: error [bad-config]: there is no setting 'trash.kept'; did you mean trash.keep?
  okstra: hint: see every setting and its type: git okstra help config
  [2]
  $ git okstra config set trash.keep soon
  okstra: error [bad-config]: trash.keep must be a duration such as "90s", "30m" or "7d", not 'soon'
  okstra: hint: see every setting and its type: git okstra help config
  [2]
  $ git okstra config get trash.keep --scope clone
  okstra: error [bad-config]: trash.keep is not set in the scope 'clone'
  okstra: hint: git okstra config get trash.keep --scope all
  [2]
  $ git okstra config set worktree.lanes 7
  okstra: error [bad-config]: there is no setting 'worktree.lanes'; did you mean worktree.link?
  okstra: hint: see every setting and its type: git okstra help config
  [2]
  $ OKSTRA_TRASH_KEPT=1d git okstra list
  okstra: error [bad-config]: the environment variable OKSTRA_TRASH_KEPT is no setting; did you mean OKSTRA_TRASH_KEEP?
  okstra: hint: see every setting and its type: git okstra help config
  [2]

and in a file, with its line.

  $ echo 'keep = "7 days"' >>.okstra.toml
  $ git okstra list
  okstra: error [bad-config]: $TMPDIR/shop/.okstra.toml:3: there is no setting 'worktree.keep'; did you mean trash.keep?
  okstra: hint: see every setting and its type: git okstra help config
  [2]

A path says by its form where it belongs.

  $ rm .okstra.toml
  $ git okstra config set pr.template docs/pull-request.md --scope project
  okstra: pr.template is set in '$TMPDIR/shop/.okstra.toml'
  $ git okstra config set pr.template docs/pull-request.md --scope global
  okstra: error [bad-config]: pr.template must be absolute or begin with '~/' in the global scope, not be 'docs/pull-request.md'
  okstra: hint: see every setting and its type: git okstra help config
  [2]
  $ git okstra config set pr.template ../pull-request.md
  okstra: error [bad-config]: pr.template must lie in the project, named from its root, in the clone scope: '../pull-request.md'
  okstra: hint: see every setting and its type: git okstra help config
  [2]
  $ printf '[pr]\n\ntemplate = "/etc/pull-request.md"\n' >.okstra.toml
  $ git okstra config get pr.template
  okstra: error [bad-config]: $TMPDIR/shop/.okstra.toml:3: pr.template must lie in the project, named from its root, in the project scope: '/etc/pull-request.md'
  okstra: hint: see every setting and its type: git okstra help config
  [2]
