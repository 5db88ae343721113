The whole story, in a throw-away repository, in seconds; nothing of it is left, and nothing of one's own is touched.

  $ git okstra tour >tour.txt
  $ head -n 3 tour.txt; grep -c '^ *[0-9]*\. ' tour.txt; tail -n 2 tour.txt
   1. A small shop, as a repository with one commit on main.
      $ git log --oneline
      f2c98ae The shop opens
  34
  That is the tour. Everything it made is gone again. Now, in a repository of yours:
      git okstra start feat DEV-1
  $ ls -A "$TMPDIR" home tmp
  $TMPDIR:
  home
  tmp
  tour.txt
  
  home:
  .gitconfig
  
  tmp:
