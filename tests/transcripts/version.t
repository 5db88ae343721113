The version is printed as git prints its own, anywhere.

  $ git okstra --version
  git-okstra version [0-9]+\.[0-9]+\.[0-9]+ (re)
