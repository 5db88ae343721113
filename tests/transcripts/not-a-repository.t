Outside a repository there is nothing to list; the exit status is git's.

  $ git okstra list
  okstra: error [not-a-repository]: not a git repository (or any of the parent directories): $TMPDIR
  okstra: hint: change into one, or name it: git -C DIR okstra …
  [128]

A script reads the same from one JSON document on standard output.

  $ git okstra list --json 2>/dev/null
  {
    "error": {
      "code": "not-a-repository",
      "message": "not a git repository (or any of the parent directories): $TMPDIR",
      "hint": "change into one, or name it: git -C DIR okstra …"
    }
  }
  [128]
