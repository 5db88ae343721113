"""What the guard says of command lines: hostile ones are refused by the rule that is meant, innocent ones pass."""

from __future__ import annotations

import pytest

from git_okstra.core import guarding
from git_okstra.core.guard_world import RULES
from support import manual_pages
from support.guard_worlds import FREE, MAIN, OKSTRA, STAGE, TASK, MadeUpWorld

# Each line: a command line as an agent in the worktree of stage 1 would type it, and behind ` #=> ` the rule that
# refuses it, or `-` for none. ⏎ stands for a newline.
TABLE = r"""
git commit -n -m x                                                      #=> hook-bypass
git commit --no-verify -m x                                             #=> hook-bypass
git commit -anm 'a message'                                             #=> hook-bypass
git commit -a --no-veri -m x                                            #=> hook-bypass
git commit --no-v                                                       #=> hook-bypass
'git' 'commit' '-n'                                                     #=> hook-bypass
g"i"t com''mit -"n"                                                     #=> hook-bypass
git commit -m x -- . ; git commit -qn                                   #=> hook-bypass
/usr/bin/git commit -n                                                  #=> hook-bypass
/usr/lib/git-core/git-commit -n                                         #=> hook-bypass
git.exe commit -n                                                       #=> hook-bypass
\git commit -n                                                          #=> hook-bypass
git -C ../dev-1-s2 commit -n                                            #=> hook-bypass
git -c user.name=x commit --no-verify                                   #=> hook-bypass
git --no-pager -p commit -n                                             #=> hook-bypass
git commit \⏎-n                                                         #=> hook-bypass
git commit -S -n                                                        #=> hook-bypass
git commit --amend --no-edit -n                                         #=> hook-bypass
git commit -vn                                                          #=> hook-bypass
git merge --no-verify feat                                              #=> hook-bypass
git push --no-verify                                                    #=> hook-bypass
git push origin HEAD --no-ver                                           #=> hook-bypass
git am -n < x.patch                                                     #=> hook-bypass
git am --no-verify x.patch                                              #=> hook-bypass
git rebase --no-verify main                                             #=> hook-bypass
git pull --no-verify                                                    #=> hook-bypass
git cherry-pick --no-verify x                                           #=> hook-bypass
git revert --no-verify x                                                #=> hook-bypass
ls && git commit -n                                                     #=> hook-bypass
false || git commit -n                                                  #=> hook-bypass
(git commit -n)                                                         #=> hook-bypass
{ git commit -n; }                                                      #=> hook-bypass
if true; then git commit -n; fi                                         #=> hook-bypass
for i in 1 2; do git commit -n; done                                    #=> hook-bypass
while read x; do git commit -n; done < f                                #=> hook-bypass
case $x in a) ls;; *) git commit -n;; esac                              #=> hook-bypass
f() { git commit -n; }; f                                               #=> hook-bypass
function f { git commit -n; }; f                                        #=> hook-bypass
g() { git "$@"; }; g commit -n                                          #=> unreadable
! git commit -n                                                         #=> hook-bypass
time git commit -n                                                      #=> hook-bypass
echo $(git commit -n)                                                   #=> hook-bypass
echo "`git commit -n`"                                                  #=> hook-bypass
echo "done: $(git commit -n)"                                           #=> hook-bypass
cat <(git commit -n)                                                    #=> hook-bypass
cat <<EOF⏎$(git commit -n)⏎EOF                                          #=> hook-bypass
git comm$'\x69't -n                                                     #=> hook-bypass
x=commit; git $x -n                                                     #=> hook-bypass
G=git; $G commit -n                                                     #=> hook-bypass
a=(commit -n); git ${a[@]}                                              #=> unreadable
git ${NOTHING:-commit} -n                                               #=> hook-bypass
git{,} commit -n                                                        #=> -
{git,commit,-n}                                                         #=> hook-bypass
git${IFS}commit${IFS}-n                                                 #=> hook-bypass
git $(echo commit) -n                                                   #=> hook-bypass
git $(printf commit) -n                                                 #=> hook-bypass
eval "git commit -n"                                                    #=> hook-bypass
eval git commit -n                                                      #=> hook-bypass
sh -c 'git commit -n'                                                   #=> hook-bypass
bash -lc 'git commit -n'                                                #=> hook-bypass
bash -o pipefail -ec 'git commit -n'                                    #=> hook-bypass
bash -c "bash -c 'git commit -n'"                                       #=> hook-bypass
zsh -c 'git commit $1' zsh -n                                           #=> hook-bypass
echo 'git commit -n' | sh                                               #=> hook-bypass
printf 'git commit -n\n' | bash -s                                      #=> hook-bypass
bash <<EOF⏎git commit -n⏎EOF                                            #=> hook-bypass
bash <<'EOF'⏎git commit -n⏎EOF                                          #=> hook-bypass
cat <<'EOF' | bash⏎git commit -n⏎EOF                                    #=> hook-bypass
bash <<< 'git commit -n'                                                #=> hook-bypass
env git commit -n                                                       #=> hook-bypass
env -i PATH=/bin git commit -n                                          #=> hook-bypass
env -u HOME X=1 git commit -n                                           #=> hook-bypass
env -S 'git commit -n'                                                  #=> hook-bypass
X=1 Y=2 git commit -n                                                   #=> hook-bypass
sudo git commit -n                                                      #=> hook-bypass
sudo -u bob -H git commit -n                                            #=> hook-bypass
doas git commit -n                                                      #=> hook-bypass
command git commit -n                                                   #=> hook-bypass
exec git commit -n                                                      #=> hook-bypass
builtin command git commit -n                                           #=> hook-bypass
nohup git commit -n &                                                   #=> hook-bypass
nice -n 5 git commit -n                                                 #=> hook-bypass
ionice -c 3 git commit -n                                               #=> hook-bypass
timeout -k 5 30s git commit -n                                          #=> hook-bypass
stdbuf -oL git commit -n                                                #=> hook-bypass
setsid git commit -n                                                    #=> hook-bypass
watch -n 1 git commit -n                                                #=> hook-bypass
xargs git commit -n < f                                                 #=> hook-bypass
echo -n | xargs git commit -m                                           #=> -
echo --no-verify | xargs git commit                                     #=> hook-bypass
find . -name x -exec git commit -n \;                                   #=> hook-bypass
parallel git commit -n ::: a b                                          #=> hook-bypass
su bob -c 'git commit -n'                                               #=> hook-bypass
flock /tmp/l git commit -n                                              #=> hook-bypass
trap 'git commit -n' EXIT                                               #=> hook-bypass
alias c='git commit -n'; c                                              #=> hook-bypass
python3 -c "import os; os.system('git commit -n')"                      #=> hook-bypass
python -c "import subprocess as s; s.run(['git', 'commit', '-n'])"      #=> hook-bypass
node -e "require('child_process').execSync('git commit -n')"            #=> hook-bypass
node -e "require('child_process').spawnSync('git', ['commit', '-n'])"   #=> hook-bypass
perl -e 'system("git commit -n")'                                       #=> hook-bypass
git -c alias.c='commit -n' c                                            #=> hook-bypass
git -c alias.c='!git commit -n' c                                       #=> hook-bypass
git ci                                                                  #=> hook-bypass
git CI -m x                                                             #=> hook-bypass
git sneaky                                                              #=> forced-push
git loop                                                                #=> unreadable
git config alias.x 'commit -n'                                          #=> hook-bypass
git config set --global alias.x '!git push -f'                          #=> forced-push
git rebase -x 'git commit --amend -n' HEAD~3                            #=> hook-bypass
git submodule foreach 'git commit -n'                                   #=> hook-bypass
git bisect run sh -c 'git commit -n'                                    #=> hook-bypass
git okstra exec task -- git commit -n                                   #=> hook-bypass
((((((((((((((((((((((((((((((((((((((((((git commit -n))))))))))))))))))))))))))))))))))))))))))  #=> unreadable
git commit -m "--no-verify"                                             #=> -
git commit -m --no-verify                                               #=> -
git commit -mn                                                          #=> -
git commit -m 'use git push --force and commit -n'                      #=> -
git commit -F- <<'EOF'⏎git commit -n⏎$(git push -f)⏎EOF                 #=> -
git commit --message --no-verify                                        #=> -
git commit --author --no-verify -m x                                    #=> -
git commit -m x -- --no-verify                                          #=> -
git commit -uno -m x                                                    #=> -
git commit -am x                                                        #=> -
git merge -n feat-dev-1                                                 #=> -
git merge --no-verify-signatures feat-dev-1                             #=> -
git rebase -n main                                                      #=> -
git push -n -f origin main                                              #=> -
git push --dry-run origin main                                          #=> -
git cherry-pick -n x                                                    #=> -
git revert -n x                                                         #=> -
git pull -n                                                             #=> -
git log -n 5 --oneline                                                  #=> -
git log --grep=--no-verify                                              #=> -
echo "git push --force"                                                 #=> -
echo git commit -n                                                      #=> -
printf '%s\n' 'git commit -n' > notes.txt                               #=> -
grep -rn -- --no-verify .                                               #=> -
rg 'commit -n' docs                                                     #=> -
cat <<'EOF' > s1/notes.md⏎git commit -n⏎EOF                             #=> -
# git commit -n                                                         #=> -
ls # git commit -n                                                      #=> -
command -v git                                                          #=> -
which git && git --version                                              #=> -
man git-commit                                                          #=> -
git help commit                                                         #=> -
git stash list                                                          #=> -
git lg                                                                  #=> -
python3 -c "print('git commit -n')"                                     #=> -
ssh host git commit -n                                                  #=> -
cd /free && git commit -n                                               #=> -
cd /free; git push -f origin main                                       #=> -
git -C /free commit -n                                                  #=> -
(cd /free) && git commit -n                                             #=> hook-bypass
cd /free && cd - && git commit -n                                       #=> -
cd "$UNSET" && git commit -n                                            #=> hook-bypass
pushd /r && git commit -n                                               #=> hook-bypass
git -c core.hooksPath=/dev/null commit -m x                             #=> hooks-config
git -c CORE.HOOKSPATH= commit                                           #=> hooks-config
git -c core.hookspath commit                                            #=> hooks-config
git --config-env=core.hooksPath=X commit                                #=> hooks-config
git --config-env core.hooksPath=X commit                                #=> hooks-config
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/x git commit   #=> hooks-config
GIT_CONFIG_PARAMETERS="'core.hooksPath=/x'" git commit                  #=> hooks-config
GIT_CONFIG_PARAMETERS="'core.hookspath'='/x'" git commit                #=> hooks-config
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath; git commit   #=> hooks-config
export GIT_CONFIG_KEY_0=core.hooksPath                                  #=> hooks-config
env GIT_CONFIG_KEY_0=hook.okstra.enabled git commit                     #=> hooks-config
GIT_CONFIG_GLOBAL=/x git commit -m x                                    #=> hooks-config
GIT_CONFIG_SYSTEM=/x git merge y                                        #=> hooks-config
GIT_EXEC_PATH=/x git commit                                             #=> hooks-config
git --exec-path=/x commit                                               #=> hooks-config
git -c hook.okstra.enabled=false commit                                 #=> hooks-config
git -c include.path=/x commit                                           #=> hooks-config
git -c includeIf.gitdir:/.path=/x commit                                #=> hooks-config
git -c url.x.pushInsteadOf=y push                                       #=> hooks-config
git config core.hooksPath /x                                            #=> hooks-config
git config set core.hooksPath /x                                        #=> hooks-config
git config --global core.hooksPath /x                                   #=> hooks-config
git config --unset core.hooksPath                                       #=> hooks-config
git config unset core.hooksPath                                         #=> hooks-config
git config --add include.path /x                                        #=> hooks-config
git config --remove-section core                                        #=> hooks-config
git config remove-section hook.okstra                                   #=> hooks-config
git config --file .gitconfig hook.x.command y                           #=> hooks-config
git config --edit                                                       #=> hooks-config
git config core.hooksPath                                               #=> -
git config --get core.hooksPath                                         #=> -
git config get core.hooksPath                                           #=> -
git config --list                                                       #=> -
git config user.name Ada                                                #=> -
git config alias.st status                                              #=> -
GIT_CONFIG_GLOBAL=/dev/null git log                                     #=> -
GIT_EDITOR=true git commit --amend                                      #=> -
GIT_DIR=/r/.git git commit -m x                                         #=> elsewhere
GIT_WORK_TREE=. git commit -m x                                         #=> elsewhere
git --git-dir=/r/.git --work-tree=. commit -m x                         #=> elsewhere
git --git-dir /r/.git reset --hard x                                    #=> elsewhere
git --git-dir=/r/.git log                                               #=> -
git push -f                                                             #=> forced-push
git push --force                                                        #=> forced-push
git push --forc origin feat-dev-1-s1                                    #=> forced-push
git push --force-with-lease                                             #=> forced-push
git push --force-with-lease=feat-dev-1-s1:abc origin feat-dev-1-s1      #=> forced-push
git push origin +feat-dev-1-s1                                          #=> forced-push
git push origin +HEAD                                                   #=> forced-push
git push origin +HEAD:refs/heads/feat-dev-1                             #=> forced-push
git push -uf origin HEAD                                                #=> forced-push
git push -f origin main                                                 #=> forced-push
git push $FORCE origin feat-dev-1                                       #=> forced-push
f=-f; git push $f                                                       #=> forced-push
git push -f origin "$SOMETHING"                                         #=> forced-push
git push $(echo --force)                                                #=> forced-push
$TOOL push --force origin feat-dev-1                                    #=> forced-push
git push -d origin feat-dev-1                                           #=> push-deletes
git push origin --delete feat-dev-1-s1                                  #=> push-deletes
git push origin :feat-dev-1                                             #=> push-deletes
git push origin :refs/heads/main                                        #=> push-deletes
git push --del origin main                                              #=> push-deletes
git push origin main                                                    #=> protected-push
git push origin HEAD:main                                               #=> protected-push
git push origin HEAD:refs/heads/main                                    #=> protected-push
git push origin x:heads/main                                            #=> protected-push
git push origin feat-dev-1-s1:main feat-dev-1                           #=> protected-push
git push -u origin HEAD:release/2.0                                     #=> protected-push
git push https://example.com/x.git HEAD:main                            #=> protected-push
for b in feat-dev-1 main; do git push origin $b; done                   #=> protected-push
git -C /r push                                                          #=> protected-push
git -C /r push origin HEAD                                              #=> protected-push
git -C /r push origin @                                                 #=> protected-push
git push --all                                                          #=> push-everything
git push --branches origin                                              #=> push-everything
git push --mirror                                                       #=> push-everything
git push --prune origin                                                 #=> push-everything
git push origin 'refs/heads/*:refs/heads/*'                             #=> push-everything
git push origin :                                                       #=> push-everything
git -c push.default=matching push                                       #=> push-everything
git -c remote.origin.push=+HEAD:main push                               #=> forced-push
git -c remote.origin.mirror=true push origin                            #=> push-everything
git push -n --no-dry-run origin main                                    #=> protected-push
git push                                                                #=> -
git push origin                                                         #=> -
git push -u origin HEAD                                                 #=> -
git push origin feat-dev-1-s1                                           #=> -
git push origin HEAD:feat-dev-1-s1                                      #=> -
git push -f origin my-scratch                                           #=> -
git push origin :my-scratch                                             #=> -
git push -o ci.skip origin HEAD                                         #=> -
git push -o -f origin HEAD                                              #=> -
git push --push-option --force origin HEAD                              #=> -
git send-pack origin main                                               #=> send-pack
git-send-pack origin main                                               #=> send-pack
git branch -D feat-dev-1-s2                                             #=> governed-branch
git branch -d feat-dev-1-s1                                             #=> governed-branch
git branch --del feat-dev-1                                             #=> governed-branch
git branch -f feat-dev-1 HEAD                                           #=> governed-branch
git branch -m feat-dev-1 other                                          #=> governed-branch
git branch -M other feat-dev-1                                          #=> governed-branch
git branch -m other                                                     #=> governed-branch
git branch -C x feat-dev-1                                              #=> governed-branch
git checkout -B feat-dev-1-s2                                           #=> governed-branch
git switch -C feat-dev-1                                                #=> governed-branch
git switch --force-create feat-dev-1                                    #=> governed-branch
git update-ref refs/heads/feat-dev-1 x                                  #=> governed-branch
git update-ref -d refs/heads/feat-dev-1-s2                              #=> governed-branch
echo 'delete refs/heads/feat-dev-1' | git update-ref --stdin            #=> governed-branch
git update-ref -d refs/okstra/trash/x/head                              #=> okstra-files
git symbolic-ref HEAD refs/heads/x                                      #=> governed-branch
git symbolic-ref refs/heads/feat-dev-1 refs/heads/x                     #=> governed-branch
git fetch . x:feat-dev-1                                                #=> governed-branch
git fetch origin +x:refs/heads/feat-dev-1-s2                            #=> governed-branch
git branch                                                              #=> -
git branch -a --contains x                                              #=> -
git branch -c feat-dev-1 mine                                           #=> -
git branch -D scratch                                                   #=> -
git checkout -B scratch                                                 #=> -
git checkout -b feat-dev-1-try                                          #=> -
git reset --hard HEAD~1                                                 #=> -
git reset --soft HEAD~1                                                 #=> -
git symbolic-ref HEAD                                                   #=> -
git symbolic-ref --short HEAD                                           #=> -
git fetch origin main:refs/remotes/origin/main                          #=> -
git rebase main                                                         #=> -
git merge --no-ff main                                                  #=> -
git worktree remove ../dev-1                                            #=> worktree-removal
git worktree remove --force dev-1-s2                                    #=> worktree-removal
git worktree move ../dev-1-s2 /tmp/x                                    #=> worktree-removal
git worktree prune                                                      #=> worktree-removal
git worktree prune -n                                                   #=> -
git worktree list --porcelain                                           #=> -
git worktree add /tmp/x main                                            #=> -
git worktree remove /tmp/x                                              #=> -
rm -rf ../dev-1-s2                                                      #=> worktree-removal
rm -rf .                                                                #=> worktree-removal
rm -rf "$PWD"                                                           #=> worktree-removal
rm -rf ~/.okstra/worktrees/shop                                         #=> worktree-removal
sudo rm -rf ../dev-1                                                    #=> worktree-removal
mv ../dev-1 /tmp                                                        #=> worktree-removal
find . -delete                                                          #=> worktree-removal
cd .. && rm -rf dev-1-s2                                                #=> worktree-removal
rm -rf ~/.okstra                                                        #=> okstra-files
rm -rf "$OKSTRA_HOME"                                                   #=> okstra-files
rm -rf $OKSTRA_HOME/registry                                            #=> okstra-files
rm ~/.okstra/registry/tasks/shop/dev/dev-1.json                         #=> okstra-files
echo x > ~/.okstra/config.toml                                          #=> okstra-files
mv ~/.okstra ~/old                                                      #=> okstra-files
rm -rf /r                                                               #=> git-directory
rm -rf /                                                                #=> okstra-files
rm -rf build node_modules                                               #=> -
rm -rf ./*                                                              #=> -
rm -f s1/x                                                              #=> -
find . -name '*.pyc' -delete                                            #=> -
mv s1/a s1/b                                                            #=> -
echo x > .git/hooks/pre-commit                                          #=> git-directory
echo x >> /r/.git/config                                                #=> git-directory
cat x >| /r/.git/HEAD                                                   #=> git-directory
> /r/.git/index                                                         #=> git-directory
cat a 2> /r/.git/x                                                      #=> git-directory
ls &> /r/.git/x                                                         #=> git-directory
echo x | tee /r/.git/hooks/pre-push                                     #=> git-directory
echo x | sudo tee -a /r/.git/config                                     #=> git-directory
cp x /r/.git/hooks/pre-commit                                           #=> git-directory
cp -t /r/.git/hooks x                                                   #=> git-directory
install -m 755 x /r/.git/hooks/                                         #=> git-directory
ln -sf /dev/null /r/.git/hooks/pre-commit                               #=> git-directory
mv /r/.git/hooks /tmp                                                   #=> git-directory
rm -rf /r/.git/hooks                                                    #=> git-directory
rm /r/.g[i]t/hooks/pre-commit                                           #=> git-directory
rm -f .git                                                              #=> git-directory
sed -i s/a/b/ /r/.git/config                                            #=> git-directory
sed -ni.bak p /r/.git/config                                            #=> git-directory
perl -pi -e s/a/b/ /r/.git/config                                       #=> git-directory
dd if=x of=/r/.git/HEAD                                                 #=> git-directory
chmod -x /r/.git/hooks/pre-commit                                       #=> git-directory
chmod 000 /r/.git/hooks                                                 #=> git-directory
touch /r/.git/x                                                         #=> git-directory
truncate -s 0 /r/.git/okstra/tasks/x                                    #=> git-directory
rsync -a x/ /r/.git/hooks/                                              #=> git-directory
curl -o /r/.git/hooks/pre-commit http://x                               #=> git-directory
find /r/.git -name 'pre-*' -exec rm {} +                                #=> git-directory
find /r/.git/hooks -type f -delete                                      #=> git-directory
cd /r && echo x > .git/x                                                #=> git-directory
cd /r/.git && echo x > config                                           #=> git-directory
d=/r/.git; rm $d/hooks/x                                                #=> git-directory
vim /r/.git/config                                                      #=> git-directory
echo '{}' > .claude/settings.json                                       #=> guard-settings
rm .cursor/hooks.json                                                   #=> guard-settings
sed -i s/x/y/ ~/.claude/settings.json                                   #=> guard-settings
rm -rf "$(git rev-parse --git-common-dir)/hooks"                        #=> git-directory
rm -rf $(git rev-parse --git-path hooks)                                #=> git-directory
rm -rf $(git rev-parse --show-toplevel)                                 #=> worktree-removal
cd "$(git rev-parse --show-toplevel)" && rm -rf build                   #=> -
rm -rf ../*                                                             #=> worktree-removal
rm -rf ~/.okstra/worktrees/shop/dev/dev-1-s?                            #=> worktree-removal
rm -rf ~/.okstra/*                                                      #=> worktree-removal
find ~/.okstra/worktrees -name 'dev-1*' -exec rm -rf {} +               #=> worktree-removal
find . -name '*.pyc' -exec rm {} +                                      #=> -
cd /r && rm -rf *                                                       #=> -
cd /r && rm -rf .*                                                      #=> git-directory
cd /r && ln -s .git/hooks h && echo x > h/pre-commit                    #=> git-directory
rm -rf "$UNSET"                                                         #=> -
printf 'git push -f\n' | xargs -I{} sh -c {}                            #=> forced-push
printf 'main\nx\n' | xargs -I% git push origin %                        #=> protected-push
exec 3> /r/.git/hooks/x                                                 #=> git-directory
docker compose push                                                     #=> publish
git log --oneline | head -3 > /tmp/x                                    #=> -
$(which git) push --force                                               #=> forced-push
script -qc 'git push -f' /dev/null                                      #=> forced-push
"$SHELL_OF_MINE" -c 'git push -f'                                       #=> forced-push
"$SHELL_OF_MINE" -c "$SOMETHING"                                        #=> -
$RUNNER test --force                                                    #=> -
cat /r/.git/config                                                      #=> -
ls .git                                                                 #=> -
cp /r/.git/config /tmp/x                                                #=> -
grep x < /r/.git/config                                                 #=> -
sed -n p /r/.git/config                                                 #=> -
echo x > .gitignore                                                     #=> -
echo x > s1/.gitkeep                                                    #=> -
echo x > /dev/null 2>&1                                                 #=> -
echo x > /free/.git/config                                              #=> -
cat .claude/settings.json                                               #=> -
gh release create v1                                                    #=> publish
gh -R a/b release upload v1 x                                           #=> publish
npm publish                                                             #=> publish
npm --access public publish                                             #=> publish
npx npm publish                                                         #=> publish
pnpm publish --no-git-checks                                            #=> publish
twine upload dist/*                                                     #=> publish
python -m twine upload dist/*                                           #=> publish
python3.11 -m twine upload dist/*                                       #=> publish
cargo publish                                                           #=> publish
gem push x.gem                                                          #=> publish
docker push a/b                                                         #=> publish
mvn clean deploy                                                        #=> publish
./gradlew -q publish                                                    #=> publish
npx semantic-release                                                    #=> publish
uv publish                                                              #=> publish
npm run build && npm publish                                            #=> publish
git push --tags                                                         #=> publish
git push origin v1.2.3                                                  #=> publish
git push origin tag v1                                                  #=> publish
git push origin refs/tags/v1                                            #=> publish
git push --follow-tags                                                  #=> publish
gh release list                                                         #=> -
gh pr create --fill                                                     #=> -
npm run publish-docs                                                    #=> -
npm publish --dry-run                                                   #=> -
npm ci                                                                  #=> -
cargo build                                                             #=> -
docker build .                                                          #=> -
python -m pytest                                                        #=> -
echo npm publish                                                        #=> -
cd /free && npm publish                                                 #=> -
git okstra plan approve --yes                                           #=> person
git-okstra plan approve --yes                                           #=> person
git okstra config trust --yes                                           #=> person
git okstra phase next --yes                                             #=> person
git okstra phase --task DEV-1 implementation                            #=> person
git okstra hooks uninstall                                              #=> person
git okstra takeover 1 --yes                                             #=> person
git okstra takeover 1                                                   #=> -
git okstra takeover --yes -n 1                                          #=> -
git okstra guard uninstall claude                                       #=> person
git okstra config set policy.protected x                                #=> person
git okstra config set agents.claude.command x                           #=> person
git okstra config unset --scope global guard.publish                    #=> person
yes | git okstra plan approve                                           #=> person
git okstra phase                                                        #=> -
git okstra graph -o plan.svg                                            #=> -
git okstra timeline --output -                                          #=> -
git okstra graph -o .git/hooks/pre-push                                 #=> git-directory
git okstra graph --output=/r/.git/config                                #=> git-directory
git okstra timeline --outp ~/.okstra/config.toml                        #=> okstra-files
git okstra phase --task DEV-1                                           #=> -
git okstra plan approve --dry-run                                       #=> -
git okstra plan show                                                    #=> -
git okstra config set start.base main                                   #=> -
git okstra done 1                                                       #=> -
git okstra merge                                                        #=> -
git okstra handoff                                                      #=> -
git okstra hooks status                                                 #=> -
"""

ALIASES = {
    "alias.ci": ["commit -n"],
    "alias.lg": ["log --oneline -n 20"],
    "alias.sneaky": ["!f() { git push --force; }; f"],
    "alias.loop": ["loop"],
    "alias.commit": ["log"],
}

ROWS = [
    (text.strip().replace("⏎", "\n"), rule.strip())
    for text, _, rule in (row.rpartition("#=>") for row in TABLE.strip().splitlines())
]


def rules(text: str, cwd: str = STAGE, world: MadeUpWorld | None = None) -> list[str]:
    return [one.rule for one in guarding.line(text, cwd, world or MadeUpWorld(ALIASES))]


def test_command_lines_are_refused_by_the_rule_of_the_table_or_by_none() -> None:
    found = {text: next(iter(rules(text)), "-") for text, _ in ROWS}
    wrong = {text: f"{found[text]} instead of {rule}" for text, rule in ROWS if found[text] != rule}
    assert wrong == {}


def test_the_table_is_large_and_meets_every_rule_for_commands() -> None:
    assert len(ROWS) > 300
    assert {rule for _, rule in ROWS} - {"-"} == RULES.keys() - {"edit-outside", "edit-unplanned"}


def test_where_no_task_is_open_the_guard_is_silent() -> None:
    # What leads into the other repository, and what is about okstra itself, is left out.
    leads = ("/r", "okstra", "dev-1", "cd ", "pushd", "OKSTRA", ".claude", "rm -rf /", "../*", "(((")
    lines = [text for text, rule in ROWS if rule != "-" and not any(word in text for word in leads)]
    assert len(lines) > 150
    assert {text: found for text in lines if (found := rules(text, FREE))} == {}


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"remote.origin.push": ["+refs/heads/*:refs/heads/*"]}, "push-everything"),
        ({"remote.origin.mirror": ["true"]}, "push-everything"),
        ({"push.default": ["matching"]}, "push-everything"),
        ({"push.default": ["upstream"], "branch.feat-dev-1-s1.merge": ["refs/heads/main"]}, "protected-push"),
        ({"push.default": ["simple"], "branch.feat-dev-1-s1.merge": ["refs/heads/main"]}, ""),
    ],
)
def test_a_push_without_arguments_follows_the_settings(settings: dict[str, list[str]], rule: str) -> None:
    assert rules("git push", STAGE, MadeUpWorld(settings)) == ([rule] if rule else [])


def test_git_is_asked_only_for_an_alias_or_a_push_without_arguments() -> None:
    world = MadeUpWorld(ALIASES)
    for text in ("ls -la", "git status", "git commit -m x", "git push origin HEAD", "npm test", "echo x > y"):
        rules(text, STAGE, world)
    assert world.asked_git == 0


def test_a_huge_line_is_refused_unread() -> None:
    assert rules("x" * (guarding.LONGEST_LINE + 1)) == ["unreadable"]


@pytest.mark.parametrize(
    "text",
    [
        'x=\'eval "$x;$x;$x;$x;$x;$x;$x;$x;$x;$x"\'; eval "$x"',
        "x=aaaa" + "; x=$x$x" * 60 + '; eval "$x; git push -f"',
        "x=" + "a" * 100000 + "; echo" + ' "$x"' * 1000,
        "x=" + "a" * 100000 + "; echo " + "$x" * 1000,
        "git many",
        "find . " + "-exec find . " * 200 + "\\;",
        "echo " + "{a,b}" * 5000,
        "echo " + "$(echo a)" * 5000,
    ],
    ids=lambda text: text[:20],
)
def test_a_line_that_would_take_for_ever_ends_soon(text: str) -> None:
    many = {"alias.many": ["!" + "git many;" * 50]}
    wanted = [] if text.startswith(("echo {", "echo $")) else ["unreadable"]
    assert rules(text, STAGE, MadeUpWorld(many)) == wanted


@pytest.mark.parametrize(
    ("path", "cwd", "rule"),
    [
        ("s1/new.py", STAGE, ""),
        (f"{STAGE}/s1/deep/x", STAGE, ""),
        ("docs/a.md", STAGE, ""),
        ("docs/a/b.md", STAGE, "edit-unplanned"),
        ("README.md", STAGE, "edit-unplanned"),
        ("../dev-1-s2/s2/x", STAGE, "edit-outside"),
        ("/r/README.md", STAGE, "edit-outside"),
        ("/tmp/x", STAGE, "edit-outside"),
        ("/free/x", STAGE, "edit-outside"),
        ("~/.claude/plans/x.md", STAGE, ""),
        (".git", STAGE, "git-directory"),
        ("/r/.git/config", STAGE, "git-directory"),
        ("/r/.git/okstra/config.toml", MAIN, "git-directory"),
        (f"{OKSTRA}/registry/lock", MAIN, "okstra-files"),
        (f"{OKSTRA}/config.toml", FREE, "okstra-files"),
        (".claude/settings.json", MAIN, "guard-settings"),
        ("README.md", MAIN, ""),
        ("README.md", TASK, ""),
        ("/tmp/x", TASK, ""),
        ("/r/README.md", TASK, "edit-outside"),
        (f"{STAGE}/s1/x", MAIN, ""),
        (f"{STAGE}/s2/x", MAIN, "edit-unplanned"),
        (f"{STAGE}/s1/x", FREE, ""),
        ("x", FREE, ""),
        ("/tmp/x", FREE, ""),
    ],
)
def test_where_files_may_be_edited(path: str, cwd: str, rule: str) -> None:
    found = [one.rule for one in guarding.edits([path], cwd, MadeUpWorld())]
    assert found == ([rule] if rule else [])


def test_a_patch_on_the_command_line_is_judged_as_an_edit() -> None:
    patch = "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: README.md\n@@\n-a\n+b\n*** End Patch\nEOF"
    assert rules(patch) == ["edit-unplanned"]


def test_every_refusal_says_what_and_hints() -> None:
    for text, _ in ROWS:
        for one in guarding.line(text, STAGE, MadeUpWorld(ALIASES)):
            assert one.rule in RULES
            assert one.what
            assert one.hint
            assert "\0" not in one.what + one.hint


def test_the_page_and_the_rules_agree() -> None:
    entries = manual_pages.Page("git-okstra-guard.1").entries("RULES")
    assert {entry.label: entry.sentences[0].rstrip(".").lower() for entry in entries} == {
        rule: text.lower() for rule, text in RULES.items()
    }
